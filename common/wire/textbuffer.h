// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <utility>

namespace ExporterProxy {

/// A text in the making: written to through a bare pointer, then handed over as a QByteArray of the right
/// size.
///
/// Small texts are copied out and the memory stays here for the next one; large ones leave with their memory,
/// so that none is copied twice.
class TextBuffer
{
public:
    /// Makes room for `extra` more bytes and returns where they go. Cost stays linear for any sequence of
    /// small requests.
    char *reserve(qsizetype extra)
    {
        if (m_memory.capacity() - m_size < extra)
            grow(extra);
        return m_memory.data() + m_size;
    }

    /// Takes over what was written up to `end`, which is within what reserve() gave.
    void commit(const char *end) { m_size = end - m_memory.constData(); }

    qsizetype size() const { return m_size; }
    QByteArrayView view() const { return {m_memory.constData(), m_size}; }
    void clear() { m_size = 0; }

    /// Bytes of memory behind it.
    qsizetype capacity() const { return m_memory.capacity(); }

    /// Empties it, and gives the memory back if it is more than `kept` bytes.
    void release(qsizetype kept)
    {
        clear();
        if (capacity() > kept)
            m_memory = {};
    }

    /// Hands over the text, with room for the newline that the model may add; the buffer is empty afterwards.
    QByteArray take()
    {
        const qsizetype size = std::exchange(m_size, 0);
        if (size <= CopiedSize) {
            QByteArray text;
            text.reserve(size + 1);
            text.append(m_memory.constData(), size);
            return text;
        }
        m_lastSize = size;
        QByteArray text = std::exchange(m_memory, {});
        const qsizetype spare = text.capacity() - size;
        text.resize(size);
        if (spare > size / TolerableSpare) {
            text.reserve(size + 1);
            text.squeeze();
        }
        return text;
    }

    /// Gives back memory beyond what usual texts need.
    void shrink() { release(4 * CopiedSize); }

private:
    /// Below this a copy costs less than giving the memory away and allocating it anew.
    static constexpr qsizetype CopiedSize = 16 * 1024;
    /// A text may keep one part in so many more than it needs: shrinking costs a call of the allocator.
    static constexpr qsizetype TolerableSpare = 16;
    /// The most that is asked for on the guess that the next text is like the last one.
    static constexpr qsizetype MaxGuess = 4 * 1024 * 1024;
    static constexpr qsizetype MaxGrowth = 16 * 1024 * 1024;

    void grow(qsizetype extra)
    {
        const qsizetype needed = m_size + extra;
        // Doubling copies a large text several times on its way. The same applications push again and again:
        // what came last through this buffer is the best guess.
        const qsizetype guess = needed > CopiedSize ? qMin(m_lastSize + m_lastSize / 16, MaxGuess) : 0;
        const qsizetype capacity = m_memory.capacity();
        // reserve() copies what counts as written; unlike resize() it does not round up to a power of two,
        // which would take a usual text beyond what the allocator keeps for reuse.
        m_memory.resize(m_size);
        m_memory.reserve(
            qMax(qMax(needed, guess), m_size > 0 ? qMin(2 * capacity, capacity + MaxGrowth) : 0));
    }

    QByteArray m_memory; ///< of which only the capacity counts
    qsizetype m_size = 0; ///< bytes that are written
    qsizetype m_lastSize = 0; ///< of the last large text
};

} // namespace ExporterProxy

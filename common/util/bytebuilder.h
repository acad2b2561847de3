// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstring>
#include <QByteArray>
#include <string_view>

namespace ExporterProxy {

/// The longest integer: "-9223372036854775808", "18446744073709551615".
inline constexpr std::size_t NumberMaxSize = 20;

/// Functions that write into memory that is known to be large enough. Each returns the end of what it wrote.
inline char *put(char *out, std::string_view text)
{
    if (!text.empty()) // memcpy() must not get the null pointer of an empty text
        std::memcpy(out, text.data(), text.size());
    return out + text.size();
}

inline char *putNumber(char *out, std::integral auto number)
{
    return std::to_chars(out, out + NumberMaxSize, number).ptr;
}
char *putNumber(char *, char) = delete; ///< a character is not a number

/// Builds a large QByteArray from pieces. QByteArray::append() checks sharing and capacity and writes a
/// terminator each time, which is most of the time for the hundred thousand pieces of a page.
class ByteBuilder
{
public:
    /// Allocates `expected` bytes at once, and more when needed.
    explicit ByteBuilder(std::size_t expected)
        : m_bytes(qsizetype(expected), Qt::Uninitialized)
        , m_at(m_bytes.data())
        , m_end(m_at + expected)
    {
    }

    /// Returns room for `size` bytes at the end. After filling it, call advanceTo() with the end of what was
    /// written.
    char *room(std::size_t size)
    {
        if (std::size_t(m_end - m_at) < size)
            grow(size);
        return m_at;
    }
    void advanceTo(char *end) { m_at = end; }

    void append(std::string_view text) { m_at = put(room(text.size()), text); }

    void append(std::integral auto number)
    {
        char *at = room(NumberMaxSize);
        m_at = std::to_chars(at, at + NumberMaxSize, number).ptr;
    }
    void append(char) = delete; ///< would be written as a number

    qsizetype size() const { return m_at - m_bytes.constData(); }

    /// Returns the result and frees excess memory. The builder cannot be used afterwards.
    QByteArray take()
    {
        const qsizetype used = size();
        const bool isWasteful = m_bytes.size() - used > used / 8;
        m_bytes.truncate(used);
        if (isWasteful)
            m_bytes.squeeze();
        m_at = m_end = nullptr;
        return std::move(m_bytes);
    }

private:
    void grow(std::size_t size)
    {
        const qsizetype used = this->size();
        m_bytes.resize(std::max(used + qsizetype(size), m_bytes.size() * 2));
        m_at = m_bytes.data() + used;
        m_end = m_bytes.data() + m_bytes.size();
    }

    QByteArray m_bytes;
    char *m_at;
    char *m_end;
};

/// A view of a QByteArray for the functions of the standard library.
inline std::string_view bytesOf(QByteArrayView bytes)
{
    return {bytes.data(), std::size_t(bytes.size())};
}

} // namespace ExporterProxy

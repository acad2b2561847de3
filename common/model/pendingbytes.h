// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <QtGlobal>
#include <vector>

namespace ExporterProxy {

/// Memory that the daemon holds for peers besides the stored texts: messages and polled pages that are not
/// complete, responses that a client does not read, compressed copies of texts. Each of them has a limit of
/// its own, but there can be thousands: without a bound on their sum a few senders could ask for more memory
/// than a host has.
///
/// The stored and the pending bytes together stay within limits.max_total_size. When they would exceed it,
/// the holder with the most bytes drops what has stalled for longest: to reject new peers instead would let a
/// few stalled peers lock out all others.
///
/// All functions may be called on any thread.
class PendingBytes
{
public:
    /// The bytes that may always be pending, however much is stored, so that a full store can still be
    /// updated.
    static constexpr qint64 AlwaysAllowed = qint64{32} << 20;

    /// One part of the daemon on one thread, with all its peers.
    class Holder
    {
    public:
        /// `shed` tells it to drop peers while isExceeded() and it has some to drop. Called on any thread
        /// under a lock: it may only post an event.
        Holder(PendingBytes &all, std::function<void()> shed);
        ~Holder();
        Holder(const Holder &) = delete;
        Holder &operator=(const Holder &) = delete;

        /// To be called by one thread only.
        void change(qint64 by);
        void set(qint64 bytes) { change(bytes - this->bytes()); }
        qint64 bytes() const { return m_bytes.load(std::memory_order_relaxed); }

        bool isExceeded() const { return m_all.isExceeded(); }

        /// Determines which holder has to shed when the bound is exceeded. Returns true if it is this one;
        /// otherwise the other one has been notified.
        bool isToShed() { return m_all.isHeaviest(*this); }

        qint64 allowed() const { return m_all.allowed(); }

        /// Returns the bytes that are left; negative if the bound is exceeded.
        qint64 room() const { return allowed() - m_all.m_bytes.load(std::memory_order_relaxed); }

    private:
        friend class PendingBytes;
        PendingBytes &m_all;
        const std::function<void()> m_shed;
        std::atomic<qint64> m_bytes{0};
    };

    /// `stored`: bytes of all stored texts; must outlive this.
    PendingBytes(const std::atomic<qint64> &stored, qint64 maxTotalSize);

    /// Returns the bytes that may be pending now.
    qint64 allowed() const;
    bool isExceeded() const { return m_bytes.load(std::memory_order_relaxed) > allowed(); }

    /// Changes limits.max_total_size.
    void setMaxTotalSize(qint64 bytes) { m_maxTotalSize.store(bytes, std::memory_order_relaxed); }

private:
    /// Returns whether no other holder has more bytes; tells the one that has to shed.
    bool isHeaviest(const Holder &holder);

    const std::atomic<qint64> &m_stored;
    std::atomic<qint64> m_maxTotalSize;
    std::atomic<qint64> m_bytes{0};
    std::mutex m_mutex;
    std::vector<Holder *> m_holders;
};

} // namespace ExporterProxy

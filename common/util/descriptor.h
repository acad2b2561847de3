// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <unistd.h>
#include <utility>

namespace ExporterProxy {

/// Owns a file descriptor, or none, and closes it in the destructor. Any thread, one at a time.
class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    Descriptor(Descriptor &&other) noexcept
        : m_descriptor(other.release())
    {
    }
    Descriptor &operator=(Descriptor &&other) noexcept
    {
        Descriptor(std::move(other)).swap(*this);
        return *this;
    }
    ~Descriptor()
    {
        if (isOpen())
            ::close(m_descriptor);
    }

    bool isOpen() const { return m_descriptor >= 0; }
    int get() const { return m_descriptor; }
    int release() { return std::exchange(m_descriptor, -1); }
    void swap(Descriptor &other) noexcept { std::swap(m_descriptor, other.m_descriptor); }

private:
    int m_descriptor = -1;
};

} // namespace ExporterProxy

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace ExporterProxy::Bench {

class Options;

/// A descriptor that closes itself.
class Descriptor
{
public:
    explicit Descriptor(int number = -1)
        : m_number(number)
    {
    }
    Descriptor(Descriptor &&other) noexcept
        : m_number(std::exchange(other.m_number, -1))
    {
    }
    Descriptor &operator=(Descriptor &&other) noexcept
    {
        std::swap(m_number, other.m_number);
        return *this;
    }
    ~Descriptor() { close(); }

    void close();
    int number() const { return m_number; }
    bool isOpen() const { return m_number >= 0; }

private:
    int m_number;
};

/// Where pushes go: a Unix socket, or a TCP port of 127.0.0.1. There is no way to name another host: these
/// drivers are for nobody else's machine.
struct Target
{
    std::string unixPath; ///< empty: TCP
    std::uint16_t port = 0;

    /// From `--unix PATH` or `--tcp PORT`.
    static Target fromOptions(Options &options);
};

/// Begins to connect without waiting. Not open, with errno, if that failed; EAGAIN: the backlog is full.
///
/// Over TCP each connection takes another source address of 127.0.0.0/8. From one address alone, a few
/// seconds of short connections use up the ports (each is held for a minute after its end), and then the
/// search for a free one is what is measured.
Descriptor connectTo(const Target &target);

/// A listening socket; over TCP, port 0 in `target` is replaced by the one that was taken. Ends the program
/// on failure.
Descriptor listenOn(Target &target);

/// Small segments go out at once: no answer waits for another's acknowledgement.
void setNoDelay(const Descriptor &socket);

/// Raises the limit of open descriptors as far as it goes.
void raiseDescriptorLimit();

} // namespace ExporterProxy::Bench

// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/requestguard.h"
#include "tests/fuzz/fuzzing.h"

#include <algorithm>
#include <QList>

using namespace ExporterProxy;

namespace {

constexpr qsizetype MaxRequestSize = 512;

/// What the guard makes of a connection's bytes: where each request ended, and why reading stopped.
struct Seen
{
    QList<qsizetype> ends; ///< of requests
    QList<std::pair<bool, bool>> facts; ///< of each: HTTP/1.0, keep-alive
    int status = 0; ///< 0: nothing was refused
    QByteArray message;

    bool operator==(const Seen &) const = default;
};

/// Feeds the guard in pieces that do not reach from one request into the next: those QHttpServer takes out of
/// the socket in between. `ends`: where requests end.
template<typename NextSize>
Seen watch(const QByteArray &stream, const QList<qsizetype> &ends, NextSize nextSize)
{
    RequestGuard guard(MaxRequestSize);
    Seen seen;
    for (qsizetype at = 0; at < stream.size();) {
        const auto end = std::upper_bound(ends.begin(), ends.end(), at);
        const qsizetype room = (end == ends.end() ? stream.size() : *end) - at;
        const QByteArray piece = stream.mid(at, std::min(room, nextSize())); // ends with its allocation
        const RequestGuard::State state = guard.feed(piece);
        if (state == RequestGuard::State::Refused) {
            require(guard.fault().status >= 400 && !guard.fault().message.isEmpty(),
                    "a refusal has a reason");
            seen.status = guard.fault().status;
            seen.message = guard.fault().message;
            return seen;
        }
        at += piece.size();
        require(guard.isWithinRequest() == (state == RequestGuard::State::Incomplete),
                "a request that is complete has ended");
        if (state == RequestGuard::State::Complete) {
            seen.ends.append(at);
            seen.facts.append({guard.facts().http10, guard.facts().keepAlive});
        }
    }
    return seen;
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    const QByteArray stream = toBytes(data, size);
    const Seen bytewise = watch(stream, {}, [] { return qsizetype(1); });
    for (unsigned scheme = 1; scheme < 3; ++scheme)
        require(watch(stream, bytewise.ends, Cuts(stream, scheme)) == bytewise,
                "the result does not depend on how the bytes were cut");
    require(watch(stream, bytewise.ends, [&] { return stream.size(); }) == bytewise,
            "nor on whether they were cut");
    if (bytewise.ends.isEmpty())
        return 0;
    // What follows a request does not change how it is read.
    RequestGuard guard(MaxRequestSize);
    require(guard.feed(stream) == RequestGuard::State::Complete, "a request that is whole is complete");
    require(std::pair(guard.facts().http10, guard.facts().keepAlive) == bytewise.facts.front(),
            "what a request says does not depend on what follows it");
    return 0;
}

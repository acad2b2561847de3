// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/appmodel.h"
#include "common/state/stateformat.h"
#include "common/wire/textcheck.h"
#include "tests/fuzz/fuzzing.h"
#include "tests/state/states.h"

#include <algorithm>
#include <QtEndian>
#include <zlib.h>

using namespace ExporterProxy;

namespace {

// Small, so that short inputs reach them.
constexpr StateReader::Limits Limits{.maxApps = 4, .maxTotalSize = 1024};

using SavedApps = std::vector<std::shared_ptr<AppSnapshot>>;

struct Outcome
{
    bool good = false;
    QByteArray fault;
    SavedApps apps;
    std::size_t leftOut = 0;
    Timestamp writtenAt = Never;
};

template<typename NextSize>
Outcome readState(const QByteArray &bytes, NextSize nextSize)
{
    StateReader reader(Limits);
    bool good = true;
    for (qsizetype at = 0; good && at < bytes.size();) {
        const QByteArray piece = bytes.mid(at, nextSize()); // ends with its allocation
        at += piece.size();
        good = reader.read(piece);
    }
    good = reader.finish() && good;
    return {good, reader.fault(), reader.takeApps(), reader.leftOut(), reader.writtenAt()};
}

Outcome readWhole(const QByteArray &bytes)
{
    return readState(bytes, [&] { return bytes.size(); });
}

bool isSame(const AppSnapshot &a, const AppSnapshot &b)
{
    return a.name == b.name && a.text == b.text && a.source == b.source
        && a.lastErrorReason == b.lastErrorReason && a.lastUpdate == b.lastUpdate
        && a.lastErrorAt == b.lastErrorAt && a.updates == b.updates && a.rejected == b.rejected
        && a.interval == b.interval && a.kind == b.kind && a.lastFailed == b.lastFailed
        && a.expired == b.expired;
}

bool areSame(const std::shared_ptr<AppSnapshot> &a, const std::shared_ptr<AppSnapshot> &b)
{
    return isSame(*a, *b);
}

/// Whether `apps` are the first of `all`, each of them whole.
bool isBeginOf(const SavedApps &apps, const SavedApps &all)
{
    return apps.size() <= all.size() && std::equal(apps.begin(), apps.end(), all.begin(), areSame);
}

/// The same with every checksum as it should be, as far as there are records: no fuzzer would guess them, and
/// all that is behind them would go untested.
QByteArray sealed(QByteArray bytes)
{
    using namespace StateFormat;
    if (bytes.size() < PreambleSize)
        return bytes;
    const auto add = [&bytes](uLong checksum, qsizetype at, qsizetype size) {
        return crc32(checksum, reinterpret_cast<const Bytef *>(bytes.constData() + at), uInt(size));
    };
    uLong checksum = add(0, 0, PreambleSize);
    qsizetype at = PreambleSize;
    while (bytes.size() - at > FrameHeaderSize) {
        const auto size = qFromLittleEndian<quint32>(bytes.constData() + at);
        if (qint64(size) > bytes.size() - at - FrameHeaderSize)
            break;
        checksum = add(add(checksum, at, sizeof size), at + FrameHeaderSize, qsizetype(size));
        qToLittleEndian(quint32(checksum), bytes.data() + at + sizeof size);
        at += FrameHeaderSize + qsizetype(size);
    }
    return bytes;
}

void checkApps(const Outcome &outcome)
{
    qint64 total = 0;
    for (const auto &app : outcome.apps) {
        total += app->text.size();
        require(!nameFault(app->name) && !textFault(app->name), "a name is one that can be pushed");
        require(!textFault(app->text), "a text is one that can be pushed");
        require(!textFault(app->source) && !textFault(app->lastErrorReason)
                    && app->source.size() <= StateFormat::MaxLineSize
                    && app->lastErrorReason.size() <= StateFormat::MaxLineSize,
                "source and reason are texts of a line's size");
        require(app->lastUpdate >= Never && app->lastErrorAt >= Never && app->interval.count() >= 0
                    && app->interval.count() <= StateFormat::MaxIntervalMs,
                "the times are possible");
    }
    require(qint64(outcome.apps.size()) <= Limits.maxApps && total <= Limits.maxTotalSize, "the limits hold");
}

/// Of a good file: no part of it and no damaged one passes for it, or has another application or half a one.
void checkDamage(const QByteArray &bytes, const Outcome &whole)
{
    Cuts positions(bytes, 3);
    for (qsizetype at = 0; at < bytes.size(); at += positions() * 8) {
        const Outcome cut = readWhole(bytes.first(at));
        require(!cut.good && isBeginOf(cut.apps, whole.apps), "a part of a file is none");
        QByteArray damaged = bytes;
        damaged[at] = char(damaged[at] ^ (1 << (at % 8)));
        const Outcome other = readWhole(damaged);
        require(!other.good && !other.fault.isEmpty() && isBeginOf(other.apps, whole.apps),
                "a damaged file is none");
    }
    const Outcome longer = readWhole(bytes + 'x');
    require(!longer.good, "nothing stands behind a file");
}

void check(const QByteArray &bytes)
{
    const Outcome whole = readWhole(bytes);
    require(whole.good == whole.fault.isEmpty(), "what is refused has a reason");
    checkApps(whole);
    for (unsigned scheme = 0; scheme < 3; ++scheme) {
        const Outcome cut = readState(bytes, Cuts(bytes, scheme));
        require(cut.good == whole.good && cut.fault == whole.fault && cut.leftOut == whole.leftOut
                    && cut.writtenAt == whole.writtenAt && cut.apps.size() == whole.apps.size()
                    && isBeginOf(cut.apps, whole.apps),
                "the result does not depend on how the bytes were cut");
    }
    if (!whole.good)
        return;
    checkDamage(bytes, whole);
    const Outcome again = readWhole(stateOf(whole.apps));
    require(again.good && again.leftOut == 0 && again.apps.size() == whole.apps.size()
                && isBeginOf(again.apps, whole.apps),
            "what is written is read back");
}

} // namespace

/// The input is a file; and it is the file that a forger with a right checksum for each record would make of
/// it.
int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    const QByteArray bytes = toBytes(data, size);
    check(bytes);
    if (const QByteArray forged = sealed(bytes); forged != bytes)
        check(forged);
    return 0;
}

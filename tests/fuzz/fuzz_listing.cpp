// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/apps/appslisting.h"
#include "tests/fuzz/fuzzing.h"

#include <algorithm>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace ExporterProxy;

namespace {

/// A reason is shown in a line of the window, whatever the answer holds.
constexpr qsizetype MaxFault = 1024;

bool isLine(const QString &text)
{
    return std::none_of(text.begin(), text.end(), [](QChar c) {
        const char16_t unit = c.unicode();
        return unit < 0x20 || (unit >= 0x7f && unit < 0xa0) || unit == 0x2028 || unit == 0x2029;
    });
}

void checkListing(const AppsListing &listing)
{
    require(listing.now != Never, "ages have what they are counted from");
    for (std::size_t i = 0; i < listing.apps.size(); ++i) {
        const AppRecord &app = listing.apps[i];
        require(!app.name.isEmpty(), "an application has a name");
        require(i == 0 || listing.apps[i - 1].name < app.name, "the names are in order, none is twice there");
        require(app.bytes >= 0 && app.series >= 0 && app.interval.count() >= 0, "counts are not negative");
        require(std::size_t(app.state) < ListedStateCount, "a state is one of those there are");
        require(app.state == AppState::Unknown || app.stateWord.isEmpty(), "a known state has no other word");
    }
}

/// The same bytes, with others behind them in the same memory.
QByteArray followedBy(const QByteArray &bytes, const QByteArray &rest)
{
    QByteArray longer = bytes + rest;
    longer.truncate(bytes.size()); // keeps the allocation and what is in it
    return longer;
}

} // namespace

/// The input is an answer to `/apps`.
int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    const QByteArray json = toBytes(data, size);
    const AppsReading reading = readAppsJson(json);
    require(bool(reading.listing) == reading.fault.isEmpty(), "there is a listing or a reason");
    for (const char *rest : {"}]}\"\"                                                            ",
                             "0000000000000000000000000000000000000000000000000000000000000000"}) {
        const AppsReading again = readAppsJson(followedBy(json, rest));
        require(again.fault == reading.fault && bool(again.listing) == bool(reading.listing)
                    && (!reading.listing || *again.listing == *reading.listing),
                "the result does not depend on what stands behind the bytes");
    }
    if (!reading.listing) {
        require(isLine(reading.fault) && reading.fault.size() <= MaxFault, "a reason is a line");
        return 0;
    }
    checkListing(*reading.listing);
    // The general parser refuses more, because it looks at what nobody asked for as well.
    const QJsonDocument document = QJsonDocument::fromJson(json);
    if (document.isObject()) {
        const QJsonArray apps = document.object()[QLatin1String("apps")].toArray();
        require(std::size_t(apps.size()) == reading.listing->apps.size(), "all applications are read");
    }
    return 0;
}

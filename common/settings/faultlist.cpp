// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/faultlist.h"

#include <algorithm>
#include <tuple>

namespace ExporterProxy {

namespace {

/// Nobody reads more at once, and a file with more is not a configuration.
constexpr std::size_t MaxFaults = 100;

} // namespace

SettingPlace SettingPlace::inFile(const QString &fileName, unsigned line, unsigned column)
{
    return {0, line, column, QStringLiteral("%1:%2:%3").arg(fileName).arg(line).arg(column)};
}

void FaultList::add(const SettingPlace &place, const QString &message)
{
    if (isFull())
        m_hasMore = true;
    else
        m_faults.push_back({place, message});
}

bool FaultList::isFull() const
{
    return m_faults.size() >= MaxFaults;
}

QStringList FaultList::lines() const
{
    std::vector<const Fault *> ordered;
    for (const Fault &fault : m_faults)
        ordered.push_back(&fault);
    std::stable_sort(ordered.begin(), ordered.end(), [](const Fault *a, const Fault *b) {
        return std::tie(a->place.document, a->place.line, a->place.column)
            < std::tie(b->place.document, b->place.line, b->place.column);
    });
    QStringList lines;
    for (const Fault *fault : ordered)
        lines << fault->place.text + QStringLiteral(": ") + fault->message;
    if (m_hasMore)
        lines << QStringLiteral("there are more errors; the first %1 are shown").arg(MaxFaults);
    return lines;
}

} // namespace ExporterProxy

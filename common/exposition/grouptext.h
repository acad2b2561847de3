// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/pushgroup.h"
#include "common/util/timestamp.h"

#include <map>

namespace ExporterProxy {

/// The families of metrics that a group of the Pushgateway's API holds: what a push replaces is a family.
/// Each family has one HELP, one TYPE and its samples together, whatever the order of the push. Pure values;
/// one thread at a time.
class GroupFamilies
{
public:
    /// Reads a text in the format 0.0.4 and puts the group's labels into each sample, over the sample's own
    /// of the same names. A sample without a label `instance` gets an empty one, which keeps a Prometheus
    /// server from adding the proxy's address. Fails with line and column on what the text format does not
    /// allow, on a timestamp, on a second HELP or TYPE of a family, and on a series that is there twice.
    static Result<GroupFamilies> read(QByteArrayView text, const PushGroup &group);

    /// Reads what text() has written for a group; the labels are in it.
    static GroupFamilies readBack(QByteArrayView text);

    /// Replaces the families of the same names, and adds the others.
    void replaceBy(GroupFamilies pushed);

    /// Puts in a family of one sample, a time in seconds since 1970: `push_time_seconds`.
    void setTime(const QByteArray &family, const QByteArray &help, Timestamp time, const PushGroup &group);

    /// Keeps that family as the former text has it, if it does.
    void keepFrom(QByteArrayView text, QByteArrayView family);

    /// Returns the text of all families, sorted by name.
    QByteArray text() const;

private:
    struct Family
    {
        QByteArray type; ///< empty: untyped
        QByteArray help; ///< escaped as it was sent
        bool hasHelp = false;
        QByteArray samples; ///< lines
    };

    Result<> add(QByteArrayView text, const PushGroup *group);
    Family &familyOfSample(QByteArrayView name);

    std::map<QByteArray, Family, std::less<>> m_families;
};

} // namespace ExporterProxy

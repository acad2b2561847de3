// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/pushgroup.h"
#include "common/util/timestamp.h"

#include <map>
#include <memory>
#include <optional>

namespace ExporterProxy {

/// The families of metrics that a group of the Pushgateway's API holds: what a push replaces is a family.
/// Each family has one HELP, one TYPE and its samples together, whatever the order of the push. Pure values;
/// one thread at a time.
class GroupFamilies
{
public:
    /// Replaces the families of the same names, and adds the others.
    void replaceBy(GroupFamilies pushed);

    /// Puts in a family of one sample, a time in seconds since 1970: `push_time_seconds`.
    void setTime(const QByteArray &family, const QByteArray &help, Timestamp time, const PushGroup &group);

    /// Takes that family out of the former ones, if it is there.
    void keepFrom(GroupFamilies &former, QByteArrayView family);

    /// Bytes of memory that it holds, as far as that grows with the text.
    qint64 heldBytes() const { return m_size; }

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

    friend class GroupReader;

    Family &familyOfSample(QByteArrayView name);

    std::map<QByteArray, Family, std::less<>> m_families;
    qint64 m_size = 0;
};

/// Reads the families of a text in the format 0.0.4, in steps: a large one takes a second. One thread.
class GroupReader
{
public:
    /// Reads a pushed text and puts the group's labels into each sample, over the sample's own of the same
    /// names. A sample without a label `instance` gets an empty one, which keeps a Prometheus server from
    /// adding the proxy's address. It fails, with the line, on what the text format does not allow, on a
    /// timestamp, on a second HELP or TYPE of a family, and on a series that is there twice. The text must
    /// outlive the reader.
    GroupReader(QByteArrayView text, const PushGroup &group, qint64 maxSize = MaxSize);

    /// Reads what is stored: what GroupFamilies::text() has written, with the labels in it. It does not fail;
    /// of a text that was stored by another way and cannot be parsed, it reads the lines before the fault.
    explicit GroupReader(QByteArrayView text);

    ~GroupReader();
    GroupReader(const GroupReader &) = delete;
    GroupReader &operator=(const GroupReader &) = delete;

    /// Reads some `size` bytes more, give or take a line. Returns whether it is done.
    bool proceed(qsizetype size);

    /// Bytes of memory that it holds by now.
    qint64 heldBytes() const;

    /// When it is done: the families, or the sentence that says what is wrong with the text.
    Result<GroupFamilies> take();

private:
    static constexpr qint64 MaxSize = qint64{1} << 40;

    struct State;

    std::optional<Failure> readNext();

    const std::unique_ptr<State> m_state;
};

} // namespace ExporterProxy

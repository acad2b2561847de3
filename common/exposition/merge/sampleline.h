// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textparser.h"
#include "common/util/bytebuilder.h"

#include <cstddef>
#include <QByteArrayView>

namespace ExporterProxy {

/// Tells one series from another: 128 bits of hash over the metric's name and its labels, whatever their
/// order and however their values are escaped. Two series are taken for one if these are equal, without a
/// look at the text: among a billion series that would happen once in 10^20 times.
struct SeriesId
{
    quint64 low = 0;
    quint64 high = 0;

    bool operator==(const SeriesId &) const = default;

    /// Takes in a label. A sum, so that the order does not count.
    SeriesId &operator+=(const SeriesId &other)
    {
        low += other.low;
        high += other.high;
        return *this;
    }
};

/// Returns the hash of some bytes, as a part of a series' identity; it depends on `seed`, and on a secret
/// that is drawn at the start of the process, so that nobody can compute two series that are taken for one.
SeriesId seriesPart(QByteArrayView bytes, quint64 seed) noexcept;

/// For containers of the standard library: the bits are as good as random already.
struct SeriesIdHash
{
    std::size_t operator()(const SeriesId &id) const noexcept { return std::size_t(id.low); }
};

/// The properties of a sample that decide where on the page it can be.
struct SampleTraits
{
    SeriesId id; ///< of the labels that make the series, without the one that all samples of the application
                 ///< get, and without empty ones but `job` and `instance`, which the server would add
    SeriesId group; ///< likewise, of the labels alone and without `le` and `quantile`: the lines of one
                    ///< histogram or summary have the same
    bool hasLe = false;
    bool oddLe = false; ///< a label `le` that is not a number: not for a histogram
    bool hasQuantile = false;
    bool oddQuantile = false; ///< likewise, not for a summary
};

/// Writes samples the one way that every reader takes: `name{a="b",c="d"} value timestamp`, where the
/// server's parser is more generous than promtool's and that of the client libraries. Labels keep their
/// order. Empty ones stay, because `instance=""` keeps the server from adding its own; where a name is there
/// several times, which needs one of its values to be empty, the empty one counts.
///
/// With an application label each sample gets it, first of all. One that has a label of that name keeps it
/// as `exported_NAME`, with as many `exported_` as it takes, as Prometheus does it for its targets' labels.
class SampleLineWriter
{
public:
    /// No label for all samples if `labelName` is empty.
    void begin(QByteArrayView labelName, QByteArrayView appName);

    /// Writes the sample that `parser` has just come upon, with its newline.
    void write(const ExpositionParser &parser, ByteBuilder &out, SampleTraits &traits);

private:
    struct Label
    {
        QByteArrayView name;
        QByteArrayView value; ///< as it is meant
        bool isPlain; ///< and as it is to be written
    };

    void takeLabels(const ExpositionParser &parser);
    void dropDoubles();
    void renameOwn();

    QByteArray m_labelName;
    QByteArray m_label; ///< `app="NAME"`, or empty
    std::vector<Label> m_labels;
    std::vector<Label *> m_byName; ///< of the labels, while some are dropped
    QByteArray m_renamed;
    std::vector<QByteArray> m_unescaped; ///< values that were written with escapes
};

} // namespace ExporterProxy

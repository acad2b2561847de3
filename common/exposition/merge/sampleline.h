// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/seriesid.h"
#include "common/exposition/textparser.h"
#include "common/util/bytebuilder.h"

namespace ExporterProxy {

/// What a sample has that decides where it can stand.
struct SampleTraits
{
    SeriesId id; ///< of the labels that make the series, without the one that all samples of the application
                 ///< get, and without empty ones but `job` and `instance`, which the server would add
    bool oddLe = false; ///< a label `le` that is not a number: not for a histogram
    bool oddQuantile = false; ///< likewise, not for a summary
};

/// Writes samples the one way that every reader takes: `name{a="b",c="d"} value timestamp`, where the
/// server's parser is more generous than promtool's and that of the client libraries. Labels keep their
/// order. Empty ones stay, because `instance=""` keeps the server from adding its own; where a name is there
/// several times, which needs one of its values to be empty, the empty one counts. Exemplars are dropped.
///
/// With an application label each sample gets it, first of all. One that has a label of that name keeps it
/// as `exported_NAME`, with as many `exported_` as it takes, as Prometheus does it for its targets' labels.
class SampleLineWriter
{
public:
    /// No label for all samples if `labelName` is empty. `openMetrics`: timestamps are seconds.
    void begin(QByteArrayView labelName, QByteArrayView appName, bool openMetrics);

    /// Writes the sample that `parser` has just come upon, with its newline. False, and nothing written, if
    /// its timestamp cannot stand in a text page (before 1970, infinite): no server would store it.
    bool write(const ExpositionParser &parser, ByteBuilder &out, SampleTraits &traits);

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
    bool m_openMetrics = false;
    std::vector<Label> m_labels;
    std::vector<Label *> m_byName; ///< of the labels, while some are dropped
    QByteArray m_renamed;
    std::vector<QByteArray> m_unescaped; ///< values that were written with escapes
};

} // namespace ExporterProxy

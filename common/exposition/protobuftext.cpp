// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/protobuftext.h"

#include "common/util/bytebuilder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <vector>

namespace ExporterProxy {

namespace {

using protozero::pbf_reader;
using Wire = protozero::pbf_wire_type;

// The numbers of the fields.
namespace Field {
constexpr protozero::pbf_tag_type FamilyName = 1, FamilyHelp = 2, FamilyType = 3, FamilyMetric = 4;
constexpr protozero::pbf_tag_type MetricLabel = 1, MetricGauge = 2, MetricCounter = 3, MetricSummary = 4,
                                  MetricUntyped = 5, MetricTimestamp = 6, MetricHistogram = 7;
constexpr protozero::pbf_tag_type LabelName = 1, LabelValue = 2;
constexpr protozero::pbf_tag_type Value = 1; // of Gauge, Counter and Untyped
constexpr protozero::pbf_tag_type SampleCount = 1, SampleSum = 2, SampleCountFloat = 4; // Summary, Histogram
constexpr protozero::pbf_tag_type SummaryQuantile = 3, QuantileQuantile = 1, QuantileValue = 2;
constexpr protozero::pbf_tag_type HistogramBucket = 3, BucketCount = 1, BucketBound = 2, BucketCountFloat = 4;
} // namespace Field

/// The types of families by their numbers, in the words of the text format; a gauge histogram is one that a
/// text page cannot tell from a histogram.
constexpr std::array<std::string_view, 6> TypeNames = {"counter", "gauge",     "summary",
                                                       "untyped", "histogram", "histogram"};

/// The longest number, shortest form that reads back: "-2.2250738585072014e-308".
constexpr std::size_t DoubleMaxSize = 32;

/// Thrown and caught in this file alone, like protozero's own exceptions.
struct TooLarge
{
};
struct NotMetrics
{
    const char *reason;
};

char *putDouble(char *out, double value)
{
    if (std::isnan(value))
        return put(out, "NaN");
    if (std::isinf(value))
        return put(out, value > 0 ? "+Inf" : "-Inf");
    return std::to_chars(out, out + DoubleMaxSize, value).ptr;
}

/// A name as every server reads it.
void appendName(std::string &out, const protozero::data_view &name, bool colons)
{
    const std::size_t begin = out.size();
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name.data()[i];
        if ((uchar(c) & 0xc0) == 0x80)
            continue; // the rest of a character
        const bool isDigit = c >= '0' && c <= '9';
        const bool isGood =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || isDigit || (colons && c == ':');
        if (out.size() == begin && isDigit)
            out += '_';
        out += isGood ? c : '_';
    }
    if (out.size() == begin)
        throw NotMetrics{"a name is empty"};
}

void appendEscaped(std::string &out, const protozero::data_view &text, bool quotes)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text.data()[i];
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || (quotes && c == '"'))
            out += '\\';
        out += c;
    }
}

/// A field of a wire type that its number does not have would be read as something else.
template<typename Read>
auto checked(pbf_reader &message, Wire type, Read read)
{
    if (message.wire_type() != type)
        throw NotMetrics{"a field has the wrong type"};
    return read();
}

double doubleOf(pbf_reader &message)
{
    return checked(message, Wire::fixed64, [&] { return message.get_double(); });
}
quint64 uint64Of(pbf_reader &message)
{
    return checked(message, Wire::varint, [&] { return quint64(message.get_uint64()); });
}
protozero::data_view bytesOfField(pbf_reader &message)
{
    return checked(message, Wire::length_delimited, [&] { return message.get_view(); });
}

Rejection malformed(const char *reason)
{
    return {
        RejectReason::Malformed, QByteArray("not delimited protobuf of Prometheus' metrics: ") + reason, {}};
}

} // namespace

class ProtobufReader::Writer
{
public:
    Writer(std::size_t expected, qint64 maxSize)
        : m_out(expected)
        , m_maxSize(maxSize)
    {
    }

    void writeFamily(pbf_reader family)
    {
        m_name.clear();
        m_help.clear();
        m_metrics.clear();
        bool hasHelp = false;
        quint64 type = 0;
        while (family.next()) {
            switch (family.tag()) {
            case Field::FamilyName:
                m_name.clear();
                appendName(m_name, bytesOfField(family), true);
                break;
            case Field::FamilyHelp:
                hasHelp = true;
                m_help.clear();
                appendEscaped(m_help, bytesOfField(family), false);
                break;
            case Field::FamilyType:
                type = uint64Of(family);
                break;
            case Field::FamilyMetric:
                m_metrics.push_back(bytesOfField(family));
                break;
            default:
                family.skip();
            }
        }
        if (m_name.empty())
            throw NotMetrics{"a family has no name"};
        if (type >= TypeNames.size())
            throw NotMetrics{"a family has an unknown type"};
        if (hasHelp)
            writeLine({"# HELP ", m_name, " ", m_help, "\n"});
        writeLine({"# TYPE ", m_name, " ", TypeNames[type], "\n"});
        for (const protozero::data_view &metric : m_metrics)
            writeMetric(pbf_reader(metric));
    }

    QByteArray take() { return m_out.take(); }

private:
    void writeMetric(pbf_reader metric)
    {
        m_labels.clear();
        m_timestamp.clear();
        std::optional<double> value;
        std::optional<protozero::data_view> summary;
        std::optional<protozero::data_view> histogram;
        while (metric.next()) {
            switch (metric.tag()) {
            case Field::MetricLabel:
                addLabel(pbf_reader(bytesOfField(metric)));
                break;
            case Field::MetricGauge:
            case Field::MetricCounter:
            case Field::MetricUntyped:
                value = valueOf(pbf_reader(bytesOfField(metric)));
                break;
            case Field::MetricSummary:
                summary = bytesOfField(metric);
                break;
            case Field::MetricHistogram:
                histogram = bytesOfField(metric);
                break;
            case Field::MetricTimestamp:
                m_timestamp = ' ' + std::to_string(qint64(uint64Of(metric)));
                break;
            default:
                metric.skip();
            }
        }
        if (value)
            writeSample("", {}, *value);
        if (summary)
            writeSummary(pbf_reader(*summary));
        if (histogram)
            writeHistogram(pbf_reader(*histogram));
    }

    void addLabel(pbf_reader label)
    {
        protozero::data_view name;
        protozero::data_view value;
        while (label.next()) {
            switch (label.tag()) {
            case Field::LabelName:
                name = bytesOfField(label);
                break;
            case Field::LabelValue:
                value = bytesOfField(label);
                break;
            default:
                label.skip();
            }
        }
        if (!m_labels.empty())
            m_labels += ',';
        appendName(m_labels, name, false);
        m_labels += "=\"";
        appendEscaped(m_labels, value, true);
        m_labels += '"';
    }

    static double valueOf(pbf_reader message)
    {
        double value = 0;
        while (message.next()) {
            if (message.tag() == Field::Value)
                value = doubleOf(message);
            else
                message.skip();
        }
        return value;
    }

    /// A sample of the family with a suffix to its name and one label more, if `bound` is not nothing.
    void writeSample(std::string_view suffix, std::string_view boundName, double value,
                     std::optional<double> bound = std::nullopt)
    {
        std::array<char, DoubleMaxSize> number;
        const std::string_view shown(number.data(),
                                     std::size_t(putDouble(number.data(), value) - number.data()));
        std::array<char, DoubleMaxSize> limit;
        const std::string_view shownBound(
            limit.data(), bound ? std::size_t(putDouble(limit.data(), *bound) - limit.data()) : 0);
        writeLine({m_name, suffix});
        if (!m_labels.empty() || bound) {
            writeLine({"{", m_labels, m_labels.empty() || !bound ? "" : ","});
            if (bound)
                writeLine({boundName, "=\"", shownBound, "\""});
            writeLine({"}"});
        }
        writeLine({" ", shown, m_timestamp, "\n"});
    }

    void writeSummary(pbf_reader summary)
    {
        double sum = 0;
        double count = 0;
        while (summary.next()) {
            switch (summary.tag()) {
            case Field::SampleCount:
                count = double(uint64Of(summary));
                break;
            case Field::SampleSum:
                sum = doubleOf(summary);
                break;
            case Field::SummaryQuantile: {
                pbf_reader quantile(bytesOfField(summary));
                double of = 0;
                double value = 0;
                while (quantile.next()) {
                    if (quantile.tag() == Field::QuantileQuantile)
                        of = doubleOf(quantile);
                    else if (quantile.tag() == Field::QuantileValue)
                        value = doubleOf(quantile);
                    else
                        quantile.skip();
                }
                writeSample("", "quantile", value, of);
                break;
            }
            default:
                summary.skip();
            }
        }
        writeSample("_sum", {}, sum);
        writeSample("_count", {}, count);
    }

    void writeHistogram(pbf_reader histogram)
    {
        double sum = 0;
        double count = 0;
        bool hasInfinite = false;
        while (histogram.next()) {
            switch (histogram.tag()) {
            case Field::SampleCount:
                if (const quint64 whole = uint64Of(histogram); whole > 0)
                    count = double(whole);
                break;
            case Field::SampleCountFloat:
                if (const double fraction = doubleOf(histogram); fraction > 0)
                    count = fraction;
                break;
            case Field::SampleSum:
                sum = doubleOf(histogram);
                break;
            case Field::HistogramBucket: {
                pbf_reader bucket(bytesOfField(histogram));
                double bound = 0;
                double held = 0;
                while (bucket.next()) {
                    if (bucket.tag() == Field::BucketCount)
                        held = double(uint64Of(bucket));
                    else if (bucket.tag() == Field::BucketCountFloat)
                        held = doubleOf(bucket);
                    else if (bucket.tag() == Field::BucketBound)
                        bound = doubleOf(bucket);
                    else
                        bucket.skip();
                }
                hasInfinite = hasInfinite || (std::isinf(bound) && bound > 0);
                writeSample("_bucket", "le", held, bound);
                break;
            }
            default:
                histogram.skip();
            }
        }
        if (!hasInfinite)
            writeSample("_bucket", "le", count, std::numeric_limits<double>::infinity());
        writeSample("_sum", {}, sum);
        writeSample("_count", {}, count);
    }

    void writeLine(std::initializer_list<std::string_view> pieces)
    {
        for (const std::string_view piece : pieces) {
            if (qint64(piece.size()) > m_maxSize - m_out.size())
                throw TooLarge{};
            m_out.append(piece);
        }
    }

    ByteBuilder m_out;
    const qint64 m_maxSize;
    std::string m_name;
    std::string m_help;
    std::string m_labels; ///< of the metric, as they are written between the braces
    std::string m_timestamp;
    std::vector<protozero::data_view> m_metrics;
};

ProtobufReader::ProtobufReader(QByteArrayView delimited, qint64 maxSize)
    : m_rest(delimited)
    , m_maxSize(maxSize)
    , m_writer(new Writer(std::size_t(std::min(qint64(delimited.size()) * 2, maxSize)), maxSize))
{
}

ProtobufReader::~ProtobufReader() = default;

bool ProtobufReader::proceed(qsizetype size)
{
    try {
        for (const qsizetype end = m_rest.size() - size; !m_rest.isEmpty() && m_rest.size() > end;) {
            const char *at = m_rest.begin();
            const quint64 length = protozero::decode_varint(&at, m_rest.end());
            if (length > quint64(m_rest.end() - at))
                throw NotMetrics{"a message is longer than what was sent"};
            m_writer->writeFamily(pbf_reader(at, std::size_t(length)));
            m_rest = m_rest.sliced(at - m_rest.begin() + qsizetype(length));
        }
    } catch (const TooLarge &) {
        m_fault = {RejectReason::MessageTooLarge,
                   "the metrics are larger as text than limits.max_message_size ("
                       + QByteArray::number(m_maxSize) + " bytes)",
                   {}};
    } catch (const NotMetrics &fault) {
        m_fault = malformed(fault.reason);
    } catch (const protozero::exception &fault) {
        m_fault = malformed(fault.what());
    }
    return m_fault || m_rest.isEmpty();
}

QByteArray ProtobufReader::take()
{
    return m_writer->take();
}

} // namespace ExporterProxy

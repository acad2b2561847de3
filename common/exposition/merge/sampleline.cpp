// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/sampleline.h"

#include "common/exposition/metricstext.h"
#include "common/exposition/textparser.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <QRandomGenerator>

namespace ExporterProxy {

namespace {

__extension__ using Wide = unsigned __int128;

/// Without a secret, a sender could compute blocks that cancel out, and hide another's series.
struct Keys
{
    quint64 low = QRandomGenerator::system()->generate64();
    quint64 high = QRandomGenerator::system()->generate64();
    quint64 lowEnd = QRandomGenerator::system()->generate64();
    quint64 highEnd = QRandomGenerator::system()->generate64();
};
const Keys Secret;

/// Both halves of the product, folded: each bit of it depends on all bits of both factors.
quint64 fold(quint64 a, quint64 b)
{
    const Wide product = Wide(a) * b;
    return quint64(product) ^ quint64(product >> 64);
}

quint64 load(const char *at, std::size_t size)
{
    quint64 word = 0;
    std::memcpy(&word, at, size);
    return word;
}

} // namespace

SeriesId seriesPart(QByteArrayView bytes, quint64 seed) noexcept
{
    const char *at = bytes.data();
    std::size_t left = std::size_t(bytes.size());
    quint64 low = seed ^ Secret.low;
    quint64 high = seed ^ Secret.high;
    for (;;) {
        quint64 first = 0;
        quint64 second = 0;
        if (left >= 16) {
            first = load(at, 8);
            second = load(at + 8, 8);
        } else if (left > 8) {
            first = load(at, 8);
            second = load(at + 8, left - 8);
        } else if (left > 0) {
            first = load(at, left);
        }
        // The two halves take the words in different places, so that what cancels out in one does not in the
        // other.
        low = fold(low ^ first, second ^ Secret.lowEnd) + high;
        high = fold(high ^ second, first ^ Secret.highEnd) + low;
        if (left <= 16)
            break;
        at += 16;
        left -= 16;
    }
    // With the size, a text that ends in zeros differs from one without them.
    const quint64 size = quint64(bytes.size());
    return {fold(low ^ Secret.lowEnd, high ^ size ^ Secret.low),
            fold(high ^ Secret.highEnd, low ^ size ^ Secret.high)};
}

namespace {

const QByteArrayView LeLabel("le");
const QByteArrayView QuantileLabel("quantile");
const QByteArrayView ExportedPrefix("exported_");

/// The seed of a metric's name; that of a label's value is made of the label's name.
constexpr quint64 NameSeed = 1;
constexpr quint64 LabelSeed = 2;

/// Returns whether the label distinguishes the series from one without it. The server adds `job` and
/// `instance` to a series that has not even empty ones.
bool isOfSeries(QByteArrayView name, QByteArrayView value)
{
    return !value.isEmpty() || name == "instance" || name == "job";
}

bool isPlain(QByteArrayView value)
{
    return std::none_of(value.begin(), value.end(), [](char c) { return c == '\\' || c == '\n'; });
}

QByteArray unescaped(QByteArrayView value)
{
    QByteArray meant;
    meant.reserve(value.size());
    for (const char *at = value.begin(); at != value.end(); ++at) {
        const char next = *at == '\\' && at + 1 != value.end() ? at[1] : '\0';
        if (next == 'n') {
            meant += '\n';
            ++at;
        } else if (next == '\\' || next == '"') {
            meant += next;
            ++at;
        } else {
            meant += *at;
        }
    }
    return meant;
}

char *putEscaped(char *out, QByteArrayView value)
{
    for (const char c : value) {
        if (c == '\n') {
            out = put(out, "\\n");
            continue;
        }
        if (c == '"' || c == '\\')
            *out++ = '\\';
        *out++ = c;
    }
    return out;
}

} // namespace

void SampleLineWriter::begin(QByteArrayView labelName, QByteArrayView appName)
{
    m_labelName = labelName.toByteArray();
    m_label = labelName.isEmpty() ? QByteArray() : m_labelName + "=\"" + labelValue(appName) + '"';
}

void SampleLineWriter::write(const ExpositionParser &parser, ByteBuilder &out, SampleTraits &traits)
{
    takeLabels(parser);
    if (!m_labelName.isEmpty())
        renameOwn();

    traits = {};
    traits.id = seriesPart(parser.name(), NameSeed);
    std::size_t size =
        std::size_t(parser.name().size() + m_label.size() + parser.value().size() + parser.timestamp().size())
        + 8;
    for (const Label &label : m_labels) {
        const bool isLe = label.name == LeLabel;
        const bool isQuantile = label.name == QuantileLabel;
        if (isOfSeries(label.name, label.value)) {
            const SeriesId part = seriesPart(label.value, seriesPart(label.name, LabelSeed).low);
            traits.id += part;
            if (!isLe && !isQuantile)
                traits.group += part;
        }
        traits.hasLe = traits.hasLe || isLe;
        traits.hasQuantile = traits.hasQuantile || isQuantile;
        if ((isLe || isQuantile) && !isSampleValue(label.value))
            (isLe ? traits.oddLe : traits.oddQuantile) = true;
        size += std::size_t(label.name.size() + 2 * label.value.size()) + 4;
    }

    char *at = put(out.room(size), bytesOf(parser.name()));
    if (!m_label.isEmpty() || !m_labels.empty()) {
        *at++ = '{';
        at = put(at, bytesOf(m_label));
        bool isFirst = m_label.isEmpty();
        for (const Label &label : m_labels) {
            if (!isFirst)
                *at++ = ',';
            isFirst = false;
            at = put(put(at, bytesOf(label.name)), "=\"");
            at = label.isPlain ? put(at, bytesOf(label.value)) : putEscaped(at, label.value);
            *at++ = '"';
        }
        *at++ = '}';
    }
    *at++ = ' ';
    at = put(at, bytesOf(parser.value()));
    if (!parser.timestamp().isEmpty()) {
        *at++ = ' ';
        at = put(at, bytesOf(parser.timestamp()));
    }
    *at++ = '\n';
    out.advanceTo(at);
}

void SampleLineWriter::takeLabels(const ExpositionParser &parser)
{
    m_labels.clear();
    m_unescaped.clear();
    bool hasEmpty = false;
    for (const ExpositionLabel &label : parser.labels()) {
        hasEmpty = hasEmpty || label.value.isEmpty();
        if (isPlain(label.value)) {
            m_labels.push_back({label.name, label.value, true});
        } else {
            m_unescaped.push_back(unescaped(label.value));
            m_labels.push_back({label.name, m_unescaped.back(), false});
        }
    }
    if (hasEmpty && m_labels.size() > 1)
        dropDoubles();
}

void SampleLineWriter::dropDoubles()
{
    m_byName.clear();
    for (Label &label : m_labels)
        m_byName.push_back(&label);
    std::ranges::sort(m_byName, [](const Label *a, const Label *b) {
        const int order = bytesOf(a->name).compare(bytesOf(b->name));
        if (order != 0)
            return order < 0;
        return a->value.isEmpty() != b->value.isEmpty() ? a->value.isEmpty() : a < b;
    });
    const Label *kept = nullptr;
    for (Label *label : m_byName) {
        if (kept && kept->name == label->name)
            label->name = {};
        else
            kept = label;
    }
    std::erase_if(m_labels, [](const Label &label) { return label.name.isEmpty(); });
}

void SampleLineWriter::renameOwn()
{
    const auto find = [this](QByteArrayView name) { return std::ranges::find(m_labels, name, &Label::name); };
    auto own = find(m_labelName);
    if (own == m_labels.end())
        return;
    if (own->value.isEmpty()) {
        m_labels.erase(own);
        return;
    }
    m_renamed = m_labelName;
    auto other = own;
    do {
        m_renamed.prepend(ExportedPrefix);
        other = find(m_renamed);
    } while (other != m_labels.end() && !other->value.isEmpty());
    own->name = m_renamed;
    if (other != m_labels.end())
        m_labels.erase(other); // an empty one of that name gives way, as in Prometheus
}

} // namespace ExporterProxy

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/bytebuilder.h"
#include "common/util/words.h"

namespace ExporterProxy {

/// The most bytes that one byte of a label's value becomes.
inline constexpr std::size_t LabelValueGrowth = 3;

/// Writes a label's value into memory with room for LabelValueGrowth times its size, and returns the end.
/// Backslash, quote and newline are escaped. Bytes that are not UTF-8, and other control characters, become
/// U+FFFD: one bad byte would make Prometheus refuse the whole page.
char *putLabelValue(char *out, QByteArrayView value);

/// The same as a text of its own.
QByteArray labelValue(QByteArrayView value);

/// Writes families and samples in the text exposition format, version 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats).
class MetricsText
{
public:
    /// `expected` bytes are set aside at once; more are found when needed.
    explicit MetricsText(std::size_t expected)
        : m_text(expected)
    {
    }

    /// Begins a family; the samples that follow are of it. `name` must outlive them.
    void family(std::string_view name, std::string_view type, std::string_view help);

    /// Goes on with a family that was begun elsewhere. `name` must outlive the samples.
    void continueFamily(std::string_view name) { m_family = name; }

    /// A sample whose labels, between the braces, are the pieces put together; they must be escaped already.
    void sample(std::initializer_list<std::string_view> labels, std::integral auto value)
    {
        finish(putNumber(begin(labels), value));
    }
    void sample(std::initializer_list<std::string_view> labels, std::chrono::milliseconds value)
    {
        finish(writeSeconds(begin(labels), value));
    }
    /// Finite values only. Never with an exponent, and with as many digits as lose nothing.
    void sample(std::initializer_list<std::string_view> labels, double value);

    qsizetype size() const { return m_text.size(); }
    QByteArray take() { return m_text.take(); }

private:
    static constexpr std::size_t ValueSize = std::max(NumberMaxSize, SecondsMaxSize);

    char *begin(std::initializer_list<std::string_view> labels, std::size_t valueSize = ValueSize)
    {
        constexpr std::size_t punctuation = std::string_view("{} \n").size();
        std::size_t size = m_family.size() + punctuation + valueSize;
        for (const std::string_view label : labels)
            size += label.size();
        char *out = put(m_text.room(size), m_family);
        if (labels.size() > 0) {
            *out++ = '{';
            for (const std::string_view label : labels)
                out = put(out, label);
            *out++ = '}';
        }
        *out++ = ' ';
        return out;
    }
    void finish(char *out)
    {
        *out++ = '\n';
        m_text.advanceTo(out);
    }

    ByteBuilder m_text;
    std::string_view m_family;
};

} // namespace ExporterProxy

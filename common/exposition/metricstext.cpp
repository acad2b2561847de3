// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/metricstext.h"

#include "common/util/utf8.h"

namespace ExporterProxy {

char *putLabelValue(char *out, QByteArrayView value)
{
    for (const char *at = value.begin(); at != value.end();) {
        const char c = *at;
        if (c == '\n') {
            out = put(out, "\\n");
            ++at;
        } else if (c == '"' || c == '\\') {
            *out++ = '\\';
            *out++ = *at++;
        } else if (static_cast<unsigned char>(c) >= ' ' && static_cast<unsigned char>(c) < 0x7F) {
            *out++ = *at++;
        } else {
            const Utf8Char character = decodeUtf8(at, value.end());
            if (character.valid && character.codePoint >= 0xA0)
                out = put(out, {at, std::size_t(character.size)});
            else
                out = put(out, ReplacementUtf8);
            at += character.size;
        }
    }
    return out;
}

QByteArray labelValue(QByteArrayView value)
{
    QByteArray escaped(value.size() * qsizetype(LabelValueGrowth), Qt::Uninitialized);
    escaped.truncate(putLabelValue(escaped.data(), value) - escaped.constData());
    return escaped;
}

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help)
{
    m_family = name;
    for (const std::string_view piece :
         {std::string_view("# HELP "), name, std::string_view(" "), help, std::string_view("\n# TYPE "), name,
          std::string_view(" "), type, std::string_view("\n")})
        m_text.append(piece);
}

void MetricsText::sample(std::initializer_list<std::string_view> labels, double value)
{
    constexpr std::size_t longest = 330; // the largest double has 309 digits
    char *out = begin(labels, longest);
    finish(std::to_chars(out, out + longest, value, std::chars_format::fixed).ptr);
}

} // namespace ExporterProxy

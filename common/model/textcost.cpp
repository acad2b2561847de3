// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/textcost.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace ExporterProxy {

namespace {

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

QByteArrayView withoutBlanks(QByteArrayView line)
{
    while (!line.isEmpty() && isBlank(line.front()))
        line = line.sliced(1);
    return line;
}

/// Returns the line up to the first blank or brace, where a name ends.
QByteArrayView firstWord(QByteArrayView line)
{
    const auto *const end =
        std::find_if(line.begin(), line.end(), [](char c) { return isBlank(c) || c == '{'; });
    return line.first(end - line.begin());
}

/// Returns the family that a HELP, TYPE or UNIT names; empty for any other comment, which is not kept.
QByteArrayView subjectOf(QByteArrayView comment)
{
    static constexpr std::array<QByteArrayView, 3> keywords = {"HELP", "TYPE", "UNIT"};
    const QByteArrayView rest = withoutBlanks(comment.sliced(1));
    const QByteArrayView keyword = firstWord(rest);
    if (std::ranges::find(keywords, keyword) == keywords.end())
        return {};
    return firstWord(withoutBlanks(rest.sliced(keyword.size())));
}

} // namespace

qint64 TextCost::of(QByteArrayView text, QByteArrayView appName) const
{
    if (perByte == 0)
        return 0;
    qint64 samples = 0;
    qint64 families = 0;
    QByteArrayView last;
    const char *end = nullptr;
    for (const char *at = text.begin(); at != text.end(); at = end) {
        const auto *newline = static_cast<const char *>(std::memchr(at, '\n', std::size_t(text.end() - at)));
        end = newline ? newline + 1 : text.end();
        const QByteArrayView line = withoutBlanks({at, newline ? newline : end});
        if (line.isEmpty())
            continue;
        const bool isComment = line.front() == '#';
        samples += isComment ? 0 : 1;
        const QByteArrayView name = isComment ? subjectOf(line) : firstWord(line);
        if (name.isEmpty() || name == last)
            continue;
        ++families;
        last = name;
    }
    // A label's value is the name with backslashes before quotes and backslashes, and is enclosed in ="",.
    const qint64 label = perLabelByte * (labelName + 2 * appName.size() + 4);
    return perByte * text.size() + samples * (perSample + label) + families * perFamily;
}

} // namespace ExporterProxy

// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/appstable.h"

#include "common/util/bytebuilder.h"
#include "common/util/showntext.h"
#include "common/util/words.h"

#include <string>

namespace ExporterProxy {

namespace {

constexpr std::string_view NameTitle = "App Name";
constexpr std::string_view TimeTitle = "Last Update Time (UTC)";
constexpr std::string_view SourceTitle = "Source";
constexpr std::string_view NowTitle = "Current time: ";
constexpr std::string_view NeverText = "never";

struct Row
{
    DisplayText name;
    DisplayText source;
};

std::size_t timeWidth(Timestamp time)
{
    return time == Never ? NeverText.size() : utcTimeSize(onWallClock(time), UtcForm::Table);
}

char *pad(char *out, std::size_t count)
{
    std::memset(out, ' ', count);
    return out + count;
}

/// The widths of everything, known before the first byte is written.
class Layout
{
public:
    Layout(const AppView &view, Timestamp now)
    {
        m_rows.reserve(view.apps.size());
        for (const auto &app : view.apps) {
            const Row &row = m_rows.emplace_back(Row{DisplayText(app->name), DisplayText(app->source)});
            m_name = std::max(m_name, std::size_t(row.name.width));
            m_time = std::max(m_time, timeWidth(app->lastUpdate));
            m_source = std::max(m_source, std::size_t(row.source.width));
            // In bytes a row differs from its width only by characters of several bytes or of two columns.
            m_surplus += std::size_t(std::max<qsizetype>(0, row.name.size - row.name.width));
            m_surplus += std::size_t(std::max<qsizetype>(0, row.source.size - row.source.width));
        }
        const std::size_t inner = m_name + m_time + m_source + std::string_view("|  |  |  |").size();
        m_content = std::max(inner, NowTitle.size() + utcTimeSize(now, UtcForm::Table));
        const std::string end(m_content - inner, ' ');
        m_rowEnd = " |" + end + " |\n";
        m_outerRule = '+' + std::string(m_content + 2, '-') + "+\n";
        m_innerRule = "| +" + std::string(m_name + 2, '-') + '+' + std::string(m_time + 2, '-') + '+'
            + std::string(m_source + 2, '-') + '+' + end + " |\n";
    }

    std::size_t size() const
    {
        const std::size_t lines =
            2 * m_rows.size() + 7; // 3 outer rules, the time, the header between two rules
        return lines * m_outerRule.size() + m_surplus;
    }

    char *writeNow(char *out, Timestamp now) const
    {
        out = put(out, m_outerRule);
        out = put(put(out, "| "), NowTitle);
        out = writeUtcTime(out, onWallClock(now), UtcForm::Table);
        out = pad(out, m_content - NowTitle.size() - timeWidth(now));
        return put(put(out, " |\n"), m_outerRule);
    }

    char *writeHeader(char *out) const
    {
        out = put(put(put(out, m_innerRule), "| | "), NameTitle);
        out = put(put(pad(out, m_name - NameTitle.size()), " | "), TimeTitle);
        out = put(put(pad(out, m_time - TimeTitle.size()), " | "), SourceTitle);
        return put(put(pad(out, m_source - SourceTitle.size()), m_rowEnd), m_innerRule);
    }

    char *writeRow(char *out, std::size_t index, Timestamp lastUpdate) const
    {
        const Row &row = m_rows[index];
        out = row.name.write(put(out, "| | "));
        out = put(pad(out, m_name - std::size_t(row.name.width)), " | ");
        out = lastUpdate == Never ? put(out, NeverText)
                                  : writeUtcTime(out, onWallClock(lastUpdate), UtcForm::Table);
        out = put(pad(out, m_time - timeWidth(lastUpdate)), " | ");
        out = row.source.write(out);
        return put(put(pad(out, m_source - std::size_t(row.source.width)), m_rowEnd), m_innerRule);
    }

    char *writeEnd(char *out) const { return put(out, m_outerRule); }

private:
    std::vector<Row> m_rows;
    std::size_t m_name = NameTitle.size(); ///< columns of the cell
    std::size_t m_time = TimeTitle.size();
    std::size_t m_source = SourceTitle.size();
    std::size_t m_content = 0; ///< columns between the outer box's "| " and " |"
    std::size_t m_surplus = 0; ///< bytes beyond columns
    std::string m_rowEnd;
    std::string m_outerRule;
    std::string m_innerRule;
};

} // namespace

QByteArray renderAppsTable(const AppView &view, Timestamp now)
{
    const Layout layout(view, now);
    ByteBuilder table(layout.size());
    char *out = layout.writeHeader(layout.writeNow(table.room(layout.size()), now));
    for (std::size_t i = 0; i < view.apps.size(); ++i)
        out = layout.writeRow(out, i, view.apps[i]->lastUpdate);
    table.advanceTo(layout.writeEnd(out));
    return table.take();
}

} // namespace ExporterProxy

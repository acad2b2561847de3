// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricslexer.h"

#include <algorithm>
#include <array>

namespace ExporterProxy::Monitor {

namespace {

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool endsName(char c)
{
    return isBlank(c) || c == '{' || c == '}' || c == '=' || c == ',' || c == '"';
}

/// Splits a line into tokens.
class Lexer
{
public:
    Lexer(QByteArrayView line, std::vector<Token> &tokens)
        : m_line(line)
        , m_tokens(tokens)
    {
    }

    void run()
    {
        blanks();
        if (at('#'))
            comment();
        else
            sample();
        rest(TokenKind::Punctuation);
    }

private:
    bool ended() const { return m_at >= m_line.size(); }
    bool at(char c) const { return !ended() && m_line[m_at] == c; }

    void take(TokenKind kind, qsizetype to)
    {
        if (to <= m_at)
            return;
        // Neighbours of one kind become one token, which is faster to paint.
        if (!m_tokens.empty() && m_tokens.back().kind == kind && kind == TokenKind::Punctuation)
            m_tokens.back().to = to;
        else
            m_tokens.push_back({kind, m_at, to});
        m_at = to;
    }

    void rest(TokenKind kind) { take(kind, m_line.size()); }

    template<typename Ends>
    void takeUntil(TokenKind kind, Ends ends)
    {
        qsizetype to = m_at;
        while (to < m_line.size() && !ends(m_line[to]))
            ++to;
        take(kind, to);
    }

    void blanks()
    {
        takeUntil(TokenKind::Punctuation, [](char c) { return !isBlank(c); });
    }

    void comment()
    {
        qsizetype word = m_at + 1;
        while (word < m_line.size() && isBlank(m_line[word]))
            ++word;
        const QByteArrayView after = m_line.sliced(word);
        for (const QByteArrayView keyword : {"HELP", "TYPE", "UNIT", "EOF"}) {
            if (!after.startsWith(keyword)
                || (after.size() > keyword.size() && !isBlank(after[keyword.size()])))
                continue;
            take(TokenKind::Keyword, word + keyword.size());
            blanks();
            takeUntil(TokenKind::MetricName, isBlank);
            blanks();
            rest(keyword == QByteArrayView("TYPE") ? TokenKind::TypeWord : TokenKind::Comment);
            return;
        }
        rest(TokenKind::Comment);
    }

    void quoted(TokenKind kind)
    {
        qsizetype to = m_at + 1;
        while (to < m_line.size() && m_line[to] != '"')
            to += m_line[to] == '\\' ? 2 : 1;
        take(kind, std::min(to + 1, m_line.size()));
    }

    void sample()
    {
        takeUntil(TokenKind::MetricName, endsName);
        blanks();
        if (at('{'))
            labels();
        blanks();
        takeUntil(TokenKind::Value, isBlank);
        blanks();
        if (!at('#'))
            takeUntil(TokenKind::SampleTime, isBlank);
        blanks();
        if (at('#')) // an exemplar of OpenMetrics
            rest(TokenKind::Comment);
    }

    void labels()
    {
        take(TokenKind::Punctuation, m_at + 1);
        bool afterEquals = false;
        while (!ended() && !at('}')) {
            if (at('"')) {
                // A quoted string without a name before it is a metric's name in Prometheus 3's notation.
                quoted(afterEquals ? TokenKind::LabelValue : TokenKind::MetricName);
                afterEquals = false;
            } else if (endsName(m_line[m_at])) {
                if (!isBlank(m_line[m_at]))
                    afterEquals = at('=');
                take(TokenKind::Punctuation, m_at + 1);
            } else {
                takeUntil(TokenKind::LabelName, endsName);
            }
        }
        if (!ended())
            take(TokenKind::Punctuation, m_at + 1);
    }

    QByteArrayView m_line;
    std::vector<Token> &m_tokens;
    qsizetype m_at = 0;
};

QByteArrayView wordAt(QByteArrayView line, qsizetype at)
{
    qsizetype to = at;
    while (to < line.size() && !endsName(line[to]))
        ++to;
    return line.sliced(at, to - at);
}

qsizetype skipBlanks(QByteArrayView line, qsizetype at)
{
    while (at < line.size() && isBlank(line[at]))
        ++at;
    return at;
}

} // namespace

void lexMetricsLine(QByteArrayView line, std::vector<Token> &tokens)
{
    tokens.clear();
    Lexer(line, tokens).run();
}

LineSummary summarizeMetricsLine(QByteArrayView line)
{
    qsizetype at = skipBlanks(line, 0);
    if (at == line.size())
        return {};
    if (line[at] != '#') {
        QByteArrayView name = wordAt(line, at);
        if (name.isEmpty() && line[at] == '{' && at + 1 < line.size() && line[at + 1] == '"') {
            const qsizetype end = line.indexOf('"', at + 2);
            name = line.sliced(at + 2, (end < 0 ? line.size() : end) - at - 2);
        }
        return {LineSummary::Kind::Sample, false, name};
    }
    at = skipBlanks(line, at + 1);
    const QByteArrayView word = wordAt(line, at);
    if (word != QByteArrayView("HELP") && word != QByteArrayView("TYPE") && word != QByteArrayView("UNIT"))
        return {};
    const QByteArrayView name = wordAt(line, skipBlanks(line, at + word.size()));
    if (name.isEmpty())
        return {};
    return {LineSummary::Kind::Header, word == QByteArrayView("HELP"), name};
}

bool belongsToFamily(QByteArrayView sample, QByteArrayView family)
{
    static constexpr std::array<QByteArrayView, 8> suffixes = {"_bucket",  "_sum",  "_count",  "_total",
                                                               "_created", "_info", "_gcount", "_gsum"};
    if (!sample.startsWith(family))
        return false;
    const QByteArrayView suffix = sample.sliced(family.size());
    return suffix.isEmpty() || std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end();
}

} // namespace ExporterProxy::Monitor

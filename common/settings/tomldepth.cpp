// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/tomldepth.h"

#include <cstddef>

namespace ExporterProxy {

namespace {

/// Walks over a TOML text and counts dots outside of strings and comments. It needs to be right up to the
/// first error only: there toml++ stops too.
class DotCounter
{
public:
    explicit DotCounter(std::string_view toml)
        : m_toml(toml)
    {
    }

    std::optional<TomlPosition> tooDeepKey()
    {
        int parts = 1;
        while (m_at < m_toml.size()) {
            switch (m_toml[m_at]) {
            case '"':
            case '\'':
                skipString();
                continue;
            case '#':
                skipComment();
                continue;
            case '.':
                if (++parts > MaxKeyParts)
                    return m_position;
                break;
            case '=':
            case ',':
            case '[':
            case ']':
            case '{':
            case '}':
            case '\n':
                parts = 1;
                break;
            default:
                break;
            }
            advance();
        }
        return std::nullopt;
    }

private:
    void advance()
    {
        const auto byte = static_cast<unsigned char>(m_toml[m_at++]);
        if (byte == '\n')
            m_position = {m_position.line + 1, 1};
        else if ((byte & 0xC0) != 0x80) // not a further byte of a character in UTF-8
            ++m_position.column;
    }

    void advance(std::size_t count)
    {
        while (count-- > 0 && m_at < m_toml.size())
            advance();
    }

    void skipComment()
    {
        while (m_at < m_toml.size() && m_toml[m_at] != '\n')
            advance();
    }

    void skipString()
    {
        const char quote = m_toml[m_at];
        const std::size_t quotes = quotesHere(quote);
        if (quotes == 2) { // the empty string
            advance(2);
            return;
        }
        const bool isMultiLine = quotes >= 3;
        advance(isMultiLine ? 3 : 1);
        while (m_at < m_toml.size()) {
            const char c = m_toml[m_at];
            if (c == '\\' && quote == '"') {
                advance(2);
            } else if (c == '\n' && !isMultiLine) {
                return; // not closed: the parser will say so
            } else if (c != quote) {
                advance();
            } else if (!isMultiLine) {
                advance();
                return;
            } else {
                // Up to two quotes of the string itself may stand right before its end.
                const std::size_t ending = quotesHere(quote);
                advance(ending);
                if (ending >= 3)
                    return;
            }
        }
    }

    /// The quotes from here on; no more than five matter.
    std::size_t quotesHere(char quote) const
    {
        std::size_t count = 0;
        while (count < 5 && m_at + count < m_toml.size() && m_toml[m_at + count] == quote)
            ++count;
        return count;
    }

    std::string_view m_toml;
    std::size_t m_at = 0;
    TomlPosition m_position;
};

} // namespace

std::optional<TomlPosition> findTooDeepKey(std::string_view toml)
{
    return DotCounter(toml).tooDeepKey();
}

} // namespace ExporterProxy

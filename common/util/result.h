// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <utility>
#include <variant>

namespace ExporterProxy {

/// One sentence that says what could not be done and why, without a full stop: "cannot listen on
/// 127.0.0.1:6554: address in use". It is fit for a log and for a person.
struct Failure
{
    QString sentence;
};

/// The result of a function that can fail: the value, or one sentence that says why there is none.
template<typename Value = void>
class [[nodiscard]] Result
{
public:
    Result(Value value)
        : m_content(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Failure failure)
        : m_content(std::in_place_index<1>, std::move(failure))
    {
    }

    bool isOk() const { return m_content.index() == 0; }
    explicit operator bool() const { return isOk(); }

    /// Only if isOk().
    Value &value() { return std::get<0>(m_content); }
    const Value &value() const { return std::get<0>(m_content); }
    Value take() { return std::move(std::get<0>(m_content)); }

    /// Empty if isOk().
    QString error() const { return isOk() ? QString() : failure().sentence; }
    /// Only if not isOk().
    const Failure &failure() const { return std::get<1>(m_content); }

private:
    std::variant<Value, Failure> m_content;
};

/// The same where there is no value.
template<>
class [[nodiscard]] Result<void>
{
public:
    Result() = default;
    Result(Failure failure)
        : m_failure(std::move(failure))
        , m_isOk(false)
    {
    }

    bool isOk() const { return m_isOk; }
    explicit operator bool() const { return m_isOk; }

    /// Empty if isOk().
    const QString &error() const { return m_failure.sentence; }
    const Failure &failure() const { return m_failure; }

private:
    Failure m_failure;
    bool m_isOk = true;
};

} // namespace ExporterProxy

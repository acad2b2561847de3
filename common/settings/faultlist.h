// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <vector>

namespace ExporterProxy {

/// Where something is said: in the configuration's file, or in an option of the command line.
struct SettingPlace
{
    int document = 0; ///< 0: the file; then the options in their order
    unsigned line = 0; ///< from 1; 0: the document as a whole
    unsigned column = 0;
    QString text; ///< for people: "config.toml:12:1", "--set receiver.format=xml"

    /// A place in the file.
    static SettingPlace inFile(const QString &fileName, unsigned line, unsigned column);
};

/// What is wrong with a configuration, gathered in any order.
class FaultList
{
public:
    void add(const SettingPlace &place, const QString &message);

    bool isEmpty() const { return m_faults.empty(); }

    /// Whether so many are held that of further ones it is only said that there are some: their words need
    /// not be found, which takes time where names are proposed.
    bool isFull() const;

    /// `<place>: <message>` for each, in the order of their places.
    QStringList lines() const;

private:
    struct Fault
    {
        SettingPlace place;
        QString message;
    };

    std::vector<Fault> m_faults;
    bool m_hasMore = false;
};

} // namespace ExporterProxy

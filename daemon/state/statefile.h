// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/state/statereader.h"

#include <optional>
#include <QString>

namespace ExporterProxy {

/// The state file on disk: where it is, whose it is, and how it is replaced so that at every moment, whatever
/// ends the process or the machine, there is a whole one. Blocks while the disk does. One thread at a time.
///
/// Beside FILE there are FILE.lock, locked as long as this lives, and for the time of a write FILE.new. All
/// are made with mode 0600, and none is reached through a symbolic link.
class StateFile
{
public:
    using Apps = std::vector<std::shared_ptr<const AppSnapshot>>;

    /// Names the file; touches nothing.
    explicit StateFile(const QString &path);
    ~StateFile();

    StateFile(const StateFile &) = delete;
    StateFile &operator=(const StateFile &) = delete;

    /// Takes the lock, and looks whether the file could be written. Returns what stands against it as one
    /// sentence: then the state cannot be kept here.
    std::optional<QString> open();

    /// What was read at the start.
    struct Content
    {
        bool existed = false;
        std::vector<std::shared_ptr<AppSnapshot>> apps;
        std::size_t leftOut = 0; ///< over the limits
        Timestamp writtenAt = Never;
        QString damage; ///< what is wrong with it; then there are no applications
        QString setAsideAs; ///< where a bad file is now
        QString error; ///< it could not be read or set aside: one sentence
    };

    /// Reads the file. One that is damaged, or none of ours, is given another name, never overwritten.
    Content read(const StateReader::Limits &limits);

    /// Replaces the file: a new one, fsync, rename, fsync of the folder. Lets go of each application once it
    /// is written, so that replaced texts are not held for longer than needed. Returns what failed as one
    /// sentence; then the file is as it was before.
    std::optional<QString> write(Apps apps, Timestamp now);

    /// Bytes of the file that was written last.
    qint64 size() const { return m_size; }
    const QString &path() const { return m_path; }

private:
    std::optional<QString> takeLock();
    std::optional<QString> checkFile() const;
    std::optional<QString> setAside(Content &content) const;
    QString cannot(const char *what, int error) const;

    const QString m_path;
    const QByteArray m_name; ///< in its folder
    int m_folder = -1; ///< everything is named relative to it: it may be moved meanwhile
    int m_lock = -1;
    qint64 m_size = 0;
};

} // namespace ExporterProxy

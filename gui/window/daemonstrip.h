// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/client/daemonclient.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QToolButton;

namespace ExporterProxy::Monitor {

class ElidedLabel;

/// The state of a connection in words without a full stop: "connected", "connection refused – trying again in
/// 8 s, last answer 40 s ago". `interval` is the time between two requests.
QString connectionWords(const DaemonState &state, std::chrono::milliseconds interval);

/// The row of one daemon in the connection bar: a mark, its address, its state in words, and buttons. The
/// only place where a user name and a password are entered, below the words.
class DaemonStrip : public QWidget
{
    Q_OBJECT

public:
    /// `client` must outlive this object.
    explicit DaemonStrip(DaemonClient &client, QWidget *parent = nullptr);

    const QString &key() const { return m_key; }
    /// Updates the times in the words; to be called each second.
    void updateWords();

Q_SIGNALS:
    void removeWanted(const QString &key);

protected:
    void changeEvent(QEvent *event) override;

private:
    QWidget *makeCredentialsRow();
    void askForCredentials(const QString &realm);
    void signIn();
    void updateMark();

    DaemonClient &m_client;
    const QString m_key;
    QLabel *const m_mark;
    ElidedLabel *const m_words;
    QToolButton *const m_retry;
    QWidget *m_credentials = nullptr; ///< the row; hidden unless the daemon requires them
    QLabel *m_realm = nullptr;
    QLineEdit *m_user = nullptr;
    QLineEdit *m_password = nullptr;
};

} // namespace ExporterProxy::Monitor

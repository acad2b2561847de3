// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/wire/pushdecoder.h"
#include "daemon/intake.h"
#include "daemon/net/door.h"

namespace ExporterProxy {

/// What the connections of one receiver have in common.
struct ReceiverSettings
{
    PushFormat format = PushFormat::Json;
    DecodeLimits limits;
    std::chrono::milliseconds messageTimeout{30'000};
    int maxConnections = 2048; ///< of each door
    bool answersAlways = false; ///< whether a message that is stored is answered too
    QByteArray source; ///< what the applications' `source` says: the listening address, or the socket's path
};

class PushConnection;

/// A door through which pushes come, on one thread.
class PushDoor final : public Door
{
public:
    /// The references must outlive the door.
    PushDoor(ConnectionSet &set, const ReceiverSettings &settings, const Intake &intake,
             ReceiverCounters &counters);
    ~PushDoor() override;

    /// Takes other settings; `maxConnections` and `source` stay what they are. A message that has begun ends
    /// as it began, by the old format and limits.
    void setSettings(const ReceiverSettings &settings);

    /// For an orderly end: stores what has arrived, also on connections that were not accepted yet, and
    /// accepts nothing more. With `leaveQueue`, what was not accepted is left to the next process. Ends after
    /// a bounded time, whatever the senders do. Who is inside a message is told `why` it was not stored. All
    /// connections are closed; those that may be about to send again are reset, so that their senders do not
    /// take the end for "stored".
    void drain(const QByteArray &why, bool leaveQueue);

protected:
    std::unique_ptr<Connection> makeConnection() override;
    void recycle(std::unique_ptr<Connection> connection) override;
    void noteOpen(int by) override;
    const LogLimiter &log() const override { return m_source.log; }
    void logWarning(const QByteArray &line, Clock::time_point now) override;
    void logWithheld(Clock::time_point now) override { m_intake.flushLog(m_source, now); }

private:
    friend class PushConnection;

    ReceiverSettings m_settings;
    unsigned m_settingsSerial = 0; ///< tells the decoders of former settings from the others
    const Intake &m_intake;
    ReceiverCounters &m_counters;
    Source m_source;
    /// Read into by all connections: what they must keep, their decoders keep. Not cleared: memory that is
    /// not read into costs nothing.
    const std::unique_ptr<char[]> m_buffer;
    std::vector<std::unique_ptr<PushConnection>> m_spare; ///< closed ones, with their decoders' memory
};

/// A sender's connection: any number of messages one behind the other. A message that is stored is answered
/// with a line only if the settings say so; one that is rejected is answered with a line, and nothing more is
/// read. A large message is judged in several jobs, Phase::Preparing, before what follows it is read.
class PushConnection final : public Connection
{
public:
    explicit PushConnection(PushDoor &door);

    /// For another sender, after it was closed.
    void renew();

    /// Closes. A sender that has not said that it sends nothing more is reset: with an orderly end it would
    /// take a push that crosses it for stored.
    void end();

    void proceed(Clock::time_point now) override;
    void onDeadline(Clock::time_point now) override;
    void dropForMemory(qint64 allowed, Clock::time_point now) override;
    void giveWay(Clock::time_point now) override;
    Clock::duration stalledFor(Clock::time_point now) override
    {
        return m_judging ? Clock::duration::zero()
                         : now - (phase() == Phase::Receiving ? m_progressAt : since());
    }
    Work work() const override { return Work::Push; }

    /// Answers why the message is not stored, and waits for the sender to read it.
    void reject(const Rejection &rejection, Clock::time_point now);

private:
    /// What has become of the connection.
    enum class After { ReadOn, Stop };

    PushDoor &door() { return static_cast<PushDoor &>(m_door); }
    void equip();
    After read(Clock::time_point now);
    After decode(QByteArrayView input, Clock::time_point now);
    After consume(PushDecoder::Status status, QByteArrayView rest, Clock::time_point now);
    After judge(Clock::time_point now);
    qint64 held() const;
    After endOfInput(Clock::time_point now);
    After noteInput(Clock::time_point now);
    bool sendAnswers(Clock::time_point now);
    void settle(Clock::time_point now);
    void discard();

    std::unique_ptr<PushDecoder> m_decoder;
    std::optional<TextJudging> m_judging; ///< of the decoder's updates, if it needs more than one job
    QByteArray m_rest; ///< what has been read behind the message that is being judged
    unsigned m_settingsSerial = 0; ///< of the settings that the decoder was made by
    std::size_t m_readSize; ///< what is read at once
    QByteArray m_answers; ///< that are not with the kernel yet
    quint64 m_documents = 0; ///< messages that are stored
    bool m_hasEnded = false; ///< the sender has said that it sends nothing more
    bool m_hasSent = false; ///< anything at all, or had its time to
    bool m_hasCompleted = false; ///< a message, in the current job
    qint64 m_bytesSince = 0; ///< that arrived since it entered its phase
    Clock::time_point m_progressAt; ///< when the message that is under way last grew by MinProgress
    qint64 m_heldAtProgress = 0;
};

} // namespace ExporterProxy

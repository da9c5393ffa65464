using Microsoft.Extensions.Logging;

namespace Tikr.Publishing.Metrics;

/// <summary>Says once that a topic takes no records of a series, and once that it does again, however many senders it concerns.</summary>
internal sealed class TopicLog(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Topic, string Series), int> _inTrouble = [];

    public void Fails(string topic, string series, string reason)
    {
        lock (_gate)
        {
            var senders = _inTrouble.GetValueOrDefault((topic, series));
            _inTrouble[(topic, series)] = senders + 1;
            if (senders > 0) return;
        }

        Log.SendingFails(logger, topic, series, reason);
    }

    public void Succeeds(string topic, string series)
    {
        lock (_gate)
        {
            var senders = _inTrouble.GetValueOrDefault((topic, series)) - 1;
            Invariant.Holds(senders >= 0);
            _inTrouble[(topic, series)] = senders;
            if (senders > 0) return;
        }

        Log.SendsAgain(logger, topic, series);
    }
}

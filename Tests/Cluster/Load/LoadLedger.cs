namespace Tikr.Tests.Cluster.Load;

/// <summary>What producers know: every tick that was sent, how often, and which were acknowledged.</summary>
internal sealed class LoadLedger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<MarketTick, int> _sent = [];
    private readonly HashSet<MarketTick> _acknowledged = [];
    private readonly List<Acknowledgement> _answers = [];

    /// <summary>Ticks of streams that were answered, or kept by the count in a failed stream's trailers.</summary>
    public HashSet<MarketTick> Acknowledged
    {
        get
        {
            lock (_gate) return [.. _acknowledged];
        }
    }

    /// <summary>Ticks by how often they were sent.</summary>
    public Dictionary<MarketTick, int> Sent
    {
        get
        {
            lock (_gate) return new(_sent);
        }
    }

    /// <summary>Answers so far, in order.</summary>
    public List<Acknowledgement> Answers
    {
        get
        {
            lock (_gate) return [.. _answers];
        }
    }

    /// <summary>Before they are handed to the client: from then on they may be stored.</summary>
    public void Sending(IEnumerable<MarketTick> ticks)
    {
        lock (_gate)
        {
            foreach (var tick in ticks) _sent[tick] = _sent.GetValueOrDefault(tick) + 1;
        }
    }

    public void Acknowledge(IEnumerable<MarketTick> ticks)
    {
        lock (_gate) _acknowledged.UnionWith(ticks);
    }

    public void Answered(Acknowledgement answer)
    {
        lock (_gate) _answers.Add(answer);
    }
}

/// <summary>A stream that was answered.</summary>
/// <param name="Server">Who answered.</param>
/// <param name="AtNs">When its last message was sent.</param>
/// <param name="Took">How long the answer took from then.</param>
internal readonly record struct Acknowledgement(string Server, long AtNs, TimeSpan Took);

namespace Tikr.Core.Wire;

/// <summary>A rejected tick, to find the cause by.</summary>
/// <param name="Reason">One of <see cref="Ingest.RejectionReasons"/>.</param>
/// <param name="Message">The thing, the value, the rule and the remedy.</param>
/// <param name="Timestamp">The timestamp as the producer sent it.</param>
/// <param name="Series">The series as the producer named it.</param>
public sealed record RejectionSample(string Reason, string Message, ulong Timestamp, string Series);

/// <summary>Ticks rejected for one reason.</summary>
/// <param name="Reason">One of <see cref="Ingest.RejectionReasons"/>.</param>
/// <param name="Ticks">How many.</param>
public readonly record struct RejectionCount(string Reason, long Ticks);

/// <summary>Rejected ticks by reason, with the first few as samples. Not for use by several threads at once.</summary>
public sealed class RejectionTally
{
    /// <summary>Most samples kept.</summary>
    public const int MaxSamples = 10;

    private readonly List<RejectionCount> _counts = [];
    private readonly List<RejectionSample> _samples = [];

    /// <summary>Ticks rejected in all.</summary>
    public long Total { get; private set; }

    /// <summary>Ticks rejected by reason, in the order the reasons first occurred.</summary>
    public IReadOnlyList<RejectionCount> Counts => _counts;

    /// <summary>The first rejected ticks.</summary>
    public IReadOnlyList<RejectionSample> Samples => _samples;

    /// <summary>Whether another sample would be kept: its message need not be written otherwise.</summary>
    public bool WantsSample => _samples.Count < MaxSamples;

    /// <summary>Ticks rejected for a reason.</summary>
    public long Of(string reason)
    {
        foreach (var count in _counts)
        {
            if (count.Reason == reason) return count.Ticks;
        }

        return 0;
    }

    /// <summary>Counts rejected ticks.</summary>
    public void Add(string reason, long ticks = 1)
    {
        if (ticks <= 0) return;
        Total += ticks;
        for (var i = 0; i < _counts.Count; i++)
        {
            if (_counts[i].Reason != reason) continue;
            _counts[i] = new RejectionCount(reason, _counts[i].Ticks + ticks);
            return;
        }

        _counts.Add(new RejectionCount(reason, ticks));
    }

    /// <summary>Keeps a sample if there is room; does not count its tick.</summary>
    public void AddSample(RejectionSample sample)
    {
        if (WantsSample) _samples.Add(sample);
    }

    /// <summary>Adds counts and samples to another tally.</summary>
    public void MergeInto(RejectionTally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var count in _counts) other.Add(count.Reason, count.Ticks);
        foreach (var sample in _samples) other.AddSample(sample);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Total = 0;
        _counts.Clear();
        _samples.Clear();
    }
}

using System.Collections.Concurrent;

namespace Tikr.LoadGenerator.Sending;

/// <summary>
/// The messages of one stream, and what they must become. Sending writes times and sequences into the next template and notes only the span
/// that the message covers; folding them into bars comes later, so that it takes no CPU from the server while it is measured.
/// </summary>
internal sealed class Feed
{
    private readonly MessageTemplate[] _templates;
    private readonly TickTimes _times;
    private readonly long _aheadNs, _latenessNs;
    private readonly ConcurrentQueue<(long StartNs, long SpanNs)> _sent = new();
    private readonly SentBars _punctual, _late;
    private long _lastNs;
    private int _next, _folded;
    private uint _round;

    /// <param name="options">The run.</param>
    /// <param name="keys">Key numbers it sends.</param>
    /// <param name="times">How its ticks are kept apart from others'.</param>
    /// <param name="seed">Seed of its keys and values.</param>
    public Feed(LoadOptions options, int[] keys, TickTimes times, int seed)
    {
        _templates = new TemplateFactory(options, keys, times, seed).Build();
        _times = times;
        _aheadNs = (long)(options.AheadSeconds * 1e9);
        _latenessNs = options.LateShare > 0 ? times.Lateness((long)(options.LateSeconds * 1e9)) : 0;
        (_punctual, _late) = (new SentBars(options.Shape, keys), new SentBars(options.Shape, keys));
    }

    /// <summary>Ticks composed.</summary>
    public long Ticks { get; private set; }

    /// <summary>Begins a span: ticks of the next message lie between now and then.</summary>
    public void Begin() => _lastNs = Math.Max(_lastNs, NowNs());

    /// <summary>
    /// The next message, with the ticks spread over the time since the one before. Valid until the round comes back to it.
    /// </summary>
    public byte[] Compose()
    {
        var template = _templates[_next];
        var bytes = template.Bytes.AsSpan();
        var start = _lastNs;
        var span = Math.Max(0, NowNs() - start);
        foreach (ref readonly var slot in template.Slots.AsSpan())
        {
            FixedVarint.WriteTime(bytes[slot.TimeAt..], (ulong)_times.Of(slot, start, span));
            var sequence = FixedVarint.LeastSequence + slot.Ordinal + (_round * slot.PerRound);
            FixedVarint.WriteSequence(bytes[slot.SequenceAt..], Math.Min(sequence, FixedVarint.MostSequence));
        }

        _sent.Enqueue((start, span));
        // After the message is noted, so that who folds never takes this time for reached too early.
        Volatile.Write(ref _lastNs, start + span);
        Ticks += template.Slots.Length;
        if (++_next == _templates.Length) (_next, _round) = (0, _round + 1);
        return template.Bytes;
    }

    /// <summary>
    /// Folds the messages that end by a time, beside the sending if need be; returns the time before which no further tick comes.
    /// </summary>
    public long FoldUntil(long untilNs)
    {
        while (_sent.TryPeek(out var message) && message.StartNs + message.SpanNs <= untilNs && _sent.TryDequeue(out message))
            Fold(message.StartNs, message.SpanNs);
        var last = Volatile.Read(ref _lastNs);
        return (_sent.TryPeek(out var next) ? next.StartNs : last) - _latenessNs;
    }

    /// <summary>Takes the bars of the buckets that end before a time.</summary>
    public IEnumerable<BucketBars> TakeBelow(long ns) => _punctual.TakeBelow(ns).Concat(_late.TakeBelow(ns));

    private void Fold(long start, long span)
    {
        var template = _templates[_folded];
        var fields = template.Values.Length / template.Slots.Length;
        for (var i = 0; i < template.Slots.Length; i++)
        {
            ref readonly var slot = ref template.Slots[i];
            var bars = slot.LateNs == 0 ? _punctual : _late;
            bars.Add(slot.Key, _times.Of(slot, start, span), template.Values.AsSpan(i * fields, fields));
        }

        if (++_folded == _templates.Length) _folded = 0;
    }

    private long NowNs() => ((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100) + _aheadNs;
}

using System.Collections.Concurrent;

namespace Tikr.Core.Wire;

/// <summary>
/// Messages for reuse, per series. Keeps room for a bounded number of ticks and leaves the rest to the garbage collector.
/// </summary>
/// <param name="maxKeptTicks">Ticks of room that unused messages may hold together.</param>
public sealed class TickMessagePool(int maxKeptTicks = 1 << 20)
{
    // So that many tiny messages cannot pile up either.
    private const int LeastWeight = 64;

    private readonly ConcurrentDictionary<DecoderSeries, Shelf> _shelves = new();

    // Messages given out and not back yet, of this generation and of the one before.
    private readonly int[] _out = new int[2];
    private int _generation;
    private long _keptTicks;

    /// <summary>Ticks of room that unused messages hold now.</summary>
    public long KeptTicks => Volatile.Read(ref _keptTicks);

    /// <summary>
    /// Begins a new generation, unless messages of the last but one are still out, and returns the number of the present one. What was
    /// taken out of every reader's reach in generation g is in no message any more in generation g + 2. For one caller at a time.
    /// </summary>
    public int Advance()
    {
        var generation = Volatile.Read(ref _generation);
        if (Volatile.Read(ref _out[(generation + 1) & 1]) == 0) Volatile.Write(ref _generation, ++generation);
        return generation;
    }

    internal TickMessage Rent(DecoderSeries? series)
    {
        if (series is null) return new TickMessage(null, null);
        var message = Take(series);
        message.Generation = Join();
        return message;
    }

    // The generation may have ended between the look and the count: then the count belongs to the next.
    private int Join()
    {
        while (true)
        {
            var generation = Volatile.Read(ref _generation);
            Interlocked.Increment(ref _out[generation & 1]);
            if (Volatile.Read(ref _generation) == generation) return generation;
            Interlocked.Decrement(ref _out[generation & 1]);
        }
    }

    private TickMessage Take(DecoderSeries series)
    {
        if (!_shelves.TryGetValue(series, out var shelf)) shelf = _shelves.GetOrAdd(series, static _ => new Shelf());
        if (shelf.TryTake() is not { } message) return new TickMessage(this, series);
        Interlocked.Add(ref _keptTicks, -WeightOf(message));
        message.IsReleased = false;
        return message;
    }

    internal void Return(TickMessage message)
    {
        Interlocked.Decrement(ref _out[message.Generation & 1]);
        var weight = WeightOf(message);
        if (Interlocked.Add(ref _keptTicks, weight) > maxKeptTicks)
        {
            Interlocked.Add(ref _keptTicks, -weight);
            return;
        }

        _shelves[message.Series!].Put(message);
    }

    private static int WeightOf(TickMessage message) => Math.Max(message.Capacity, LeastWeight);

    /// <summary>Unused messages of one series; the last one back, still warm in the cache, goes out first.</summary>
    private sealed class Shelf
    {
        private readonly Lock _lock = new();
        private TickMessage?[] _messages = new TickMessage?[8];
        private int _count;

        public TickMessage? TryTake()
        {
            lock (_lock)
            {
                if (_count == 0) return null;
                var message = _messages[--_count];
                _messages[_count] = null;
                return message;
            }
        }

        public void Put(TickMessage message)
        {
            lock (_lock)
            {
                if (_count == _messages.Length) Array.Resize(ref _messages, _count * 2);
                _messages[_count++] = message;
            }
        }
    }
}

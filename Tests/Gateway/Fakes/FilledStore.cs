using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Gateway.Fakes;

/// <summary>A store in memory with one series, into which a test puts keys, ticks and bars.</summary>
internal sealed class FilledStore
{
    private readonly uint _epoch;
    private ulong _flush;

    public FilledStore(SeriesModel model)
    {
        Series = Memory.OpenAsync([model], default).AsTask().Result[0];
        _epoch = Memory.AllocateEpochAsync(default).AsTask().Result;
    }

    public MemoryStore Memory { get; } = new();

    public Series Series { get; }

    /// <summary>The key of these dimension values, added if it is new.</summary>
    public StoredKey Key(params string[] values)
    {
        var key = new InternedKey(Series.Model, new DimensionSet(Series.Model.Spec, values));
        Memory.ResolveAsync(Series, [key], default).AsTask().Wait();
        return new StoredKey(key.KeyId, key.Dimensions);
    }

    /// <summary>Stores ticks as one flush, all keys in one shared block.</summary>
    public void Flush(params TickRow[] ticks)
    {
        var flush = TestFlush.Of(Series, new FlushId(_epoch, ++_flush), ticks.Select(tick => tick.ToTick()));
        Memory.CommitAsync(flush.ToCommit(BlockSharing.AllKeys), default).AsTask().Wait();
    }

    /// <summary>Stores bars with the revisions they have.</summary>
    public void Store(StoredKey key, params Bar[] bars)
    {
        foreach (var bar in bars)
        {
            for (var revision = 0; revision <= bar.Revision; revision++)
            {
                var content = bar with { LastTimestamp = bar.LastTimestamp - (bar.Revision - revision) };
                var result = Memory.WriteAsync([new BarWrite(Series, key.KeyId, content, revision - 1)], default).AsTask().Result[0];
                Assert.Equal(BarWriteOutcome.Stored, result.Outcome);
            }
        }
    }
}

/// <summary>A tick of a test. Bit i of <paramref name="Present"/> says that field i was given.</summary>
internal sealed record TickRow(StoredKey Key, long Time, uint Sequence, long[] Fields, ulong Present = ulong.MaxValue)
{
    public TestTick ToTick() => new(Key.KeyId, Time, Sequence, Fields) { Present = Present };
}

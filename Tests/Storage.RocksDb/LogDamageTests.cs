using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Storage.RocksDb;
using static Tikr.Tests.Support.Compliance.Market;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>
/// A torn end is cut, and nothing else ever is: whichever bit of a log changes, in data full of zeros too, the store refuses to open.
/// </summary>
public sealed class LogDamageTests : IAsyncLifetime
{
    private readonly RocksDbHarness _store = new();
    private readonly List<RocksDbHarness> _copies = [];
    private Series _series = null!;
    private uint _epoch;
    private byte[] _log = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _series = await _store.OpenAsync(Model());
        _epoch = await _store.Ticks.AllocateEpochAsync(Stop);
        for (var flush = 1; flush <= 8; flush++) await CommitSparseAsync((ulong)flush, flush % 4 == 0 ? 24_000 : 1_500);
        _log = await File.ReadAllBytesAsync(Copy().NewestLog(), Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        foreach (var copy in _copies) await copy.DisposeAsync();
    }

    [Fact]
    public void The_log_has_what_is_hard_to_tell_from_unwritten_pages()
    {
        Assert.True(_log.Length > 3 * 32_768);
        Assert.Contains(Enumerable.Range(0, _log.Length / 512), sector => !_log.AsSpan(sector * 512, 512).ContainsAnyExcept((byte)0));
        Assert.Equal(_log.Length, Scan(_log).GoodLength);
    }

    [Fact]
    public void No_changed_bit_passes_for_a_torn_end()
    {
        // Everywhere, and densely in the headers of the first records and in all of the last write, behind which nothing is.
        var random = new Random(6);
        var lastWrite = Scan(_log[..^1]).GoodLength;
        var bits = Enumerable.Range(0, 500).Select(_ => random.Next(_log.Length * 8))
            .Concat(Enumerable.Range(0, 11 * 8))
            .Concat(Enumerable.Range(0, 11 * 8).Select(bit => (lastWrite * 8) + bit))
            .Concat(Enumerable.Range(0, 500).Select(_ => random.Next(lastWrite * 8, _log.Length * 8)))
            .Concat(Enumerable.Range((_log.Length - 16) * 8, 16 * 8));
        foreach (var bit in bits)
        {
            _log[bit / 8] ^= (byte)(1 << (bit % 8));
            var damage = Scan(_log);
            Assert.True(damage.GoodLength < _log.Length, $"Bit {bit} of {_log.Length * 8} passes unnoticed.");
            Assert.True(damage.ReadableAfter > 0 || damage.IsOneBitOff, $"Bit {bit} of {_log.Length * 8} passes for a torn end.");
            _log[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(70_000)]
    public void A_log_torn_at_any_byte_is_cut_behind_its_last_whole_write(int zeros)
    {
        var random = new Random(zeros);
        var lastWrite = Scan(_log[..^1]).GoodLength;
        var ends = Enumerable.Range(0, 300).Select(_ => random.Next(1, _log.Length))
            .Concat(Enumerable.Range(lastWrite, 64)).Concat(Enumerable.Range(_log.Length - 300, 300));
        foreach (var end in ends)
        {
            var damage = Scan([.. _log.AsSpan(0, end), .. new byte[zeros]]);
            Assert.True(damage is { ReadableAfter: 0, IsOneBitOff: false }, $"Torn at {end} of {_log.Length} counts as damaged.");
            Assert.InRange(damage.GoodLength, 0, end + zeros);
            if (end >= lastWrite) Assert.InRange(damage.GoodLength, lastWrite, Math.Max(lastWrite, end + zeros));
        }
    }

    [Fact]
    public async Task The_store_refuses_a_log_with_one_changed_bit_or_loses_nothing()
    {
        var random = new Random(8);
        for (var i = 0; i < 12; i++)
        {
            var copy = Copy();
            var bit = i == 0 ? (_log.Length * 8) - 1 : random.Next(_log.Length * 8);
            var log = (byte[])_log.Clone();
            log[bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(copy.NewestLog(), log, Stop);
            var refused = Assert.Throws<StoreRefusedException>(() => copy.Inner);
            Assert.Contains("accept_damaged_log", refused.Message, StringComparison.Ordinal);
        }
    }

    private static LogDamage Scan(byte[] log) => new LogScan(log).Run();

    /// <summary>A field that is zero but for its highest bit, once in 256 ticks: it is stored raw, all zeros but for one bit.</summary>
    private async Task CommitSparseAsync(ulong flush, int ticks) => await _store.Ticks.CommitTicksAsync(
        _series, _epoch, flush,
        Enumerable.Range(0, ticks).Select(i => new TestTick(1, _store.NowNs + (i * 1000L), 0, 0, i % 256 == 100 ? long.MinValue : 0)));

    private RocksDbHarness Copy()
    {
        var copy = _store.CopyAfterCrash();
        _copies.Add(copy);
        return copy;
    }
}

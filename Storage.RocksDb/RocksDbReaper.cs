using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using RocksDbSharp;
using Tikr.Core.Time;
using Tikr.Storage.Reaping;

namespace Tikr.Storage.RocksDb;

/// <summary>One cycle of housekeeping: expired ticks and bars, idle keys, size limits.</summary>
internal sealed class RocksDbReaper : IReapable, IDisposable
{
    /// <summary>What the cutoffs trail the TTL by, so that nothing under way lands behind them.</summary>
    public static readonly TimeSpan Trail = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _one = new(1);
    private readonly RocksDbDatabase _database;
    private readonly TickRetention _ticks;
    private readonly TickEviction _tickEviction;
    private readonly BarReaper _bars;
    private readonly BarEviction _barEviction;
    private readonly KeyPruner _keys;
    private readonly ClockStepGuard _guard;
    private readonly ILogger _logger;

    public RocksDbReaper(
        RocksDbDatabase database, TickRetention ticks, TickEviction tickEviction,
            BarReaper bars, BarEviction barEviction, KeyPruner keys, ILogger logger)
    {
        (_database, _ticks, _tickEviction, _bars, _barEviction, _keys, _logger) =
            (database, ticks, tickEviction, bars, barEviction, keys, logger);
        _guard = new ClockStepGuard(
            database.Time, LastClock(), SaveClock,
            new ClockConfirmation($"create the file {ConfirmationPath}", TakeConfirmation), logger);
    }

    /// <summary>File in the data folder whose creation confirms a clock step.</summary>
    public const string ConfirmationFile = "confirm-clock-step";

    /// <summary>Told of every deleted range of tick slices.</summary>
    public Action<uint, uint>? SlicesDeleted { get; set; }

    /// <inheritdoc/>
    public async ValueTask ReapAsync(long nowNs, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_guard.Allows(nowNs)) await ExpireAsync(nowNs, cancellation).ConfigureAwait(false);
            EnforceLimits(cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask EnforceLimitsAsync(CancellationToken cancellation)
    {
        _database.CheckWrites();
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            EnforceLimits(cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private void EnforceLimits(CancellationToken cancellation)
    {
        _tickEviction.Run();
        _barEviction.Run(cancellation);
    }

    private async ValueTask ExpireAsync(long nowNs, CancellationToken cancellation)
    {
        var started = _database.Time.GetTimestamp();
        var ticksCutoff = nowNs - (_database.Options.TicksTtl + Trail).ToNanoseconds() - FlushCommit.MaxBlockSpanNs;
        var tickRanges = ExpireTicks(TickKey.SliceOf(ticksCutoff));
        var barsCutoff = nowNs - (_database.Options.BarsTtl + Trail).ToNanoseconds();
        var barRanges = _bars.DeleteBelow(barsCutoff, cancellation);
        _barEviction.Deleted(barRanges);
        var keys = await _keys.RunAsync(nowNs, cancellation).ConfigureAwait(false);
        if (tickRanges + barRanges + keys == 0) return;
        var elapsed = (long)_database.Time.GetElapsedTime(started).TotalMilliseconds;
        Log.Reaped(_logger, elapsed, UnixTime.ToTime(ticksCutoff), tickRanges, UnixTime.ToTime(barsCutoff), barRanges, keys);
    }

    private int ExpireTicks(uint slice)
    {
        if (_tickEviction.FirstWindow() is not { } first || first >= slice) return 0;
        if (_ticks.DeleteBelow(slice) is not { } deleted) return 0;
        SlicesDeleted?.Invoke(deleted.From, deleted.To);
        _database.Compact(Family.Ticks, TickKey.SlicePrefix(0), TickKey.SlicePrefix(slice));
        return 1;
    }

    private string ConfirmationPath => Path.Combine(_database.Options.DataDir, ConfirmationFile);

    private bool TakeConfirmation()
    {
        if (!File.Exists(ConfirmationPath)) return false;
        File.Delete(ConfirmationPath);
        return true;
    }

    /// <summary>When the last cycle was; in a new folder the first moment counts as one.</summary>
    private ReaperClock? LastClock()
    {
        if (_database.Get(Family.Meta, MetaKeys.ReaperClock) is { } stored)
            return JsonSerializer.Deserialize(stored, ReaperJson.Default.ReaperClock);
        var first = ClockStepGuard.Read(_database.Time);
        SaveClock(first);
        return first;
    }

    private void SaveClock(ReaperClock clock)
    {
        using var batch = new WriteBatch();
        using (var usage = _database.Use())
            batch.Put(MetaKeys.ReaperClock,
            JsonSerializer.SerializeToUtf8Bytes(clock, ReaperJson.Default.ReaperClock), usage.Families.Meta);
        _database.Write(batch, acknowledges: false);
    }
}

[JsonSerializable(typeof(ReaperClock))]
internal sealed partial class ReaperJson : JsonSerializerContext;

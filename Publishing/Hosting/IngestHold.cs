using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>Holds up the ingest of series with <c>on_failure: block</c> while too many of their bars wait for Kafka.</summary>
internal sealed class IngestHold(
    IOutbox outbox, OutputRunner runner, KafkaOutputOptions options, TimeProvider time, ILogger<IngestHold> logger)
{
    private static readonly long MeasurePeriodNs = TimeSpan.FromSeconds(2).ToNanoseconds();
    private readonly ConcurrentDictionary<ushort, TaskCompletionSource> _held = new();
    private readonly ConcurrentDictionary<ushort, long> _elsewhere = new();
    private long _measureAtNs = long.MinValue;

    /// <summary>The series that are held up.</summary>
    public ICollection<ushort> Series => _held.Keys;

    /// <summary>Completes when ingest of a series may go on: at once unless it is held up.</summary>
    public Task RoomAsync(ushort seriesId) => _held.TryGetValue(seriesId, out var room) ? room.Task : Task.CompletedTask;

    /// <summary>
    /// Holds ingest up where too much waits, and lets it go on where that has gone. Cheap: it is called whenever bars were stored.
    /// </summary>
    public void Update()
    {
        var set = runner.Current;
        foreach (var seriesId in _held.Keys)
        {
            // Gone, with whoever waited: its streams meet an unknown series.
            if (!set.Outputs.ContainsKey(seriesId) && _held.TryRemove(seriesId, out var room)) room.TrySetResult();
        }

        foreach (var output in set.Blocking)
        {
            var seriesId = output.Series.Id;
            var waiting = set.DepthOf(seriesId) + _elsewhere.GetValueOrDefault(seriesId);
            if (waiting > options.BlockMaxRecords)
            {
                if (_held.TryAdd(seriesId, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)))
                    Log.IngestHeld(logger, output.Name, waiting, options.BlockMaxRecords);
            }
            else if (waiting <= options.BlockMaxRecords * 0.8 && _held.TryRemove(seriesId, out var room))
            {
                Log.IngestGoesOn(logger, output.Name, waiting);
                room.TrySetResult();
            }
        }
    }

    /// <summary>Counts, every two seconds, what other silos have to send of these series.</summary>
    public async Task MeasureElsewhereAsync(CancellationToken cancellation)
    {
        var now = Instant.MonotonicOf(time);
        if (!outbox.IsShared || now < _measureAtNs) return;
        _measureAtNs = now + MeasurePeriodNs;
        var set = runner.Current;
        foreach (var output in set.Blocking)
        {
            var seriesId = output.Series.Id;
            _elsewhere[seriesId] = await MeasureAsync(set, seriesId, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<long> MeasureAsync(OutputSet set, ushort seriesId, CancellationToken cancellation)
    {
        try
        {
            long entries = 0;
            foreach (var partition in OutboxPartitions.AllOf(seriesId, options.OutboxPartitions))
            {
                if (set.OutboxSenders.ContainsKey(partition)) continue;
                entries += (await outbox.MeasureAsync(partition, cancellation).ConfigureAwait(false)).Entries;
            }

            return entries;
        }
        catch (StoreUnavailableException)
        {
            // Commits fail as well: ingest needs no holding up by us.
            return _elsewhere.GetValueOrDefault(seriesId);
        }
    }
}

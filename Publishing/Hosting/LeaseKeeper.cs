using System.Globalization;
using Microsoft.Extensions.Logging;
using Tikr.Storage;

namespace Tikr.Publishing.Hosting;

/// <summary>Shares the outbox partitions with other silos by lease, and has those sent that this process holds.</summary>
internal sealed class LeaseKeeper(
    IOutbox outbox, OutputRunner runner, KafkaOutputOptions options, TimeProvider time, ILogger<LeaseKeeper> logger)
{
    private static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(3);
    private readonly string _owner = string.Create(
        CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}");
    private long? _renewed;
    private object? _renewedFor;

    /// <summary>
    /// Takes or renews the leases when a fifth of their time has passed, or a series has come or gone; called once a period.
    /// </summary>
    /// <param name="period">Time until the next call.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task RenewAsync(TimeSpan period, CancellationToken cancellation)
    {
        var outputs = runner.Current.Outputs;
        if (!HasPassed(options.Lease / 5) && ReferenceEquals(outputs, _renewedFor)) return;
        try
        {
            var asked = time.GetTimestamp();
            var waiting = await outbox.ListPartitionsAsync(cancellation).ConfigureAwait(false);
            var held = await outbox.HoldAsync(_owner, Wanted(waiting), options.Lease, cancellation).ConfigureAwait(false);
            (_renewed, _renewedFor) = (asked, outputs);
            await runner.SendAsync(held).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or OperationCanceledException))
        {
            Log.LeasesFailed(logger, period.TotalSeconds, error);

            // A lease that ran out may be another silo's by now.
            if (outbox.IsShared && HasPassed(options.Lease)) await runner.SendAsync([]).ConfigureAwait(false);
        }
    }

    /// <summary>Gives all leases up, so that other silos need not wait until they run out.</summary>
    public async Task ReleaseAsync()
    {
        try
        {
            using var bounded = new CancellationTokenSource(ReleaseTime, time);
            await outbox.HoldAsync(_owner, null, options.Lease, bounded.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The leases run out by themselves.
        }
    }

    private bool HasPassed(TimeSpan sinceRenewal) => _renewed is not { } at || time.GetElapsedTime(at) >= sinceRenewal;

    /// <summary>
    /// Outbox partitions of the configured series. Where a series has entries in partitions of another count, from before it was changed,
    /// those go first, so that no key's later bars overtake its earlier ones.
    /// </summary>
    private List<int> Wanted(IReadOnlyList<int> waiting)
    {
        var set = runner.Current;
        var current = set.Partitions(options.OutboxPartitions).ToHashSet();
        var earlier = waiting.Where(partition => !current.Contains(partition) && CanBeSent(set, partition)).ToList();
        var held = earlier.Select(KindOf).ToHashSet();
        return [.. current.Where(partition => !held.Contains(KindOf(partition))), .. earlier];
    }

    private static bool CanBeSent(OutputSet set, int partition) =>
        set.Outputs.TryGetValue(OutboxPartitions.SeriesOf(partition), out var output)
        && (OutboxPartitions.IsLate(partition) ? output.LateTopic : output.Topic).Length > 0;

    private static (ushort SeriesId, bool IsLate) KindOf(int partition) =>
        (OutboxPartitions.SeriesOf(partition), OutboxPartitions.IsLate(partition));
}

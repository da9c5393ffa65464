using Microsoft.Extensions.Hosting;
using Tikr.Storage;

namespace Tikr.Gateway.Http;

/// <summary>A part of the process that may not be ready: recovery, an output that is required. Register as many as there are.</summary>
public interface IReadinessSource
{
    /// <summary>Why the process should get no traffic now, for people; null when nothing speaks against it.</summary>
    string? NotReadyReason { get; }
}

/// <summary>A part of the process that may do less than it should although traffic is welcome. Register as many as there are.</summary>
public interface IDegradation
{
    /// <summary>What it does less well now, for people.</summary>
    IEnumerable<string> Degradations { get; }
}

/// <summary>Whether this process should get traffic, and why not: the one answer behind <c>/readyz</c> and grpc.health.v1.</summary>
public sealed class Readiness(
    IEnumerable<IReadinessSource> sources, IEnumerable<IStoreHealth> stores,
        IEnumerable<IOutputState> outputs, ITickStore store, IHostApplicationLifetime lifetime, IEnumerable<IDegradation> degradations)
{
    private readonly IReadinessSource[] _sources = [.. sources];
    private readonly IStoreHealth[] _stores = [.. stores];
    private readonly IOutputState[] _outputs = [.. outputs];

    /// <summary>Whether the process is shutting down.</summary>
    public bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>What works less well than it should, although traffic is welcome.</summary>
    public IReadOnlyList<string> Degradations() =>
        [.. _outputs.Select(output => output.DegradedReason).OfType<string>(), .. degradations.SelectMany(one => one.Degradations)];

    /// <summary>Every reason that speaks against traffic now; empty when ready.</summary>
    public IReadOnlyList<string> Reasons()
    {
        List<string> reasons = [];
        if (IsStopping) reasons.Add("stopping");
        else if (!lifetime.ApplicationStarted.IsCancellationRequested) reasons.Add("starting");
        foreach (var source in _sources)
        {
            if (source.NotReadyReason is { } reason) reasons.Add(reason);
        }

        foreach (var health in _stores)
        {
            if (health.Trouble is { } trouble) reasons.Add(trouble);
        }

        if (store.IngestBlockedReason is { } blocked) reasons.Add(blocked);
        return reasons;
    }
}

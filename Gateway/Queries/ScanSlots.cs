using Grpc.Core;
using Tikr.Core.Memory;
using Tikr.Gateway.Bounds;

namespace Tikr.Gateway.Queries;

/// <summary>
/// Bounds how many queries hold rows at once: in all, and for one connection a quarter of that. Where no place is free, an answer that its
/// client has taken nothing of for a second makes way.
/// </summary>
internal sealed class ScanSlots(MemoryBudget budget, Refusals refusals, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1), Look = TimeSpan.FromMilliseconds(100);
    private readonly int _perConnection = (int)Math.Max(2, budget.Scans.LimitBytes / budget.ScanBytes / 4);
    private readonly Lock _gate = new();
    private readonly HashSet<ScanPlace> _taken = [];

    /// <summary>Takes a place, waiting for a moment if none is free; it is given back when it is disposed.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public async Task<ScanPlace> TakeAsync(ServerCallContext call, CancellationToken cancellation)
    {
        var account = call.GetHttpContext().Features.Get<ConnectionAccount>();
        if (account?.TryBeginScan(_perConnection) == false) throw Refuse(Errors.TooManyScansOfConnection(_perConnection));
        try
        {
            await TakeMemoryAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            account?.EndScan();
            throw;
        }

        var place = new ScanPlace(time, Free, cancellation);
        lock (_gate) _taken.Add(place);
        return place;

        void Free(ScanPlace ended)
        {
            lock (_gate) _taken.Remove(ended);
            budget.Scans.Return(budget.ScanBytes);
            account?.EndScan();
        }
    }

    private async Task TakeMemoryAsync(CancellationToken cancellation)
    {
        if (budget.Scans.TryTake(budget.ScanBytes)) return;
        using var late = new CancellationTokenSource(Patience, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        var taken = budget.Scans.TakeAsync(budget.ScanBytes, ends.Token);
        while (!taken.IsCompleted)
        {
            CutOne();
            await Task.WhenAny(taken, Task.Delay(Look, time, CancellationToken.None)).ConfigureAwait(false);
        }

        try
        {
            await taken.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Refuse(Errors.TooManyScans(budget.Scans.LimitBytes / budget.ScanBytes));
        }
    }

    private void CutOne()
    {
        lock (_gate)
        {
            if (_taken.Where(place => !place.IsCut).MaxBy(place => place.Waited) is { } place && place.Waited >= Patience) place.Cut();
        }
    }

    private RpcException Refuse(string text)
    {
        refusals.Note(RefusalReasons.Scans, text);
        return new RpcException(new Status(StatusCode.ResourceExhausted, text));
    }
}

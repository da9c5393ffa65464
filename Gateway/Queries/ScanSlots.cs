using Grpc.Core;
using Tikr.Core.Memory;
using Tikr.Gateway.Bounds;

namespace Tikr.Gateway.Queries;

/// <summary>Bounds how many queries hold rows at once: in all, and for one connection a quarter of that.</summary>
internal sealed class ScanSlots(MemoryBudget budget, Refusals refusals)
{
    private readonly int _perConnection = (int)Math.Max(2, budget.Scans.LimitBytes / budget.ScanBytes / 4);

    /// <summary>Takes a place; it is given back when what is returned is disposed.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public IDisposable Take(ServerCallContext call)
    {
        var account = call.GetHttpContext().Features.Get<ConnectionAccount>();
        if (account?.TryBeginScan(_perConnection) == false) throw Refuse(Errors.TooManyScansOfConnection(_perConnection));
        if (budget.Scans.TryTake(budget.ScanBytes)) return new Place(budget, account);
        account?.EndScan();
        throw Refuse(Errors.TooManyScans(budget.Scans.LimitBytes / budget.ScanBytes));
    }

    private RpcException Refuse(string text)
    {
        refusals.Note(RefusalReasons.Scans, text);
        return new RpcException(new Status(StatusCode.ResourceExhausted, text));
    }

    private sealed class Place(MemoryBudget budget, ConnectionAccount? account) : IDisposable
    {
        public void Dispose()
        {
            budget.Scans.Return(budget.ScanBytes);
            account?.EndScan();
        }
    }
}

using Grpc.Core;
using Grpc.Health.V1;
using Tikr.Gateway.Http;
using Status = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Tikr.Gateway.Grpc;

/// <summary>
/// grpc.health.v1, answered from <see cref="Readiness"/> at the moment of the call. Knows the whole server ("") and tikr.v1.Tikr.
/// </summary>
internal sealed class HealthService(Readiness readiness, TimeProvider time) : Health.HealthBase
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(500);

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        var status = StatusOf(request.Service);
        return status == Status.ServiceUnknown
            ? throw Errors.UnknownHealthService(request.Service)
            : Task.FromResult(new HealthCheckResponse { Status = status });
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var timer = new PeriodicTimer(WatchPeriod, time);
        Status? told = null;
        do
        {
            var status = StatusOf(request.Service);
            if (status == told) continue;
            told = status;
            await responseStream.WriteAsync(new HealthCheckResponse { Status = status }, context.CancellationToken).ConfigureAwait(false);
        }
        while (!readiness.IsStopping && await timer.WaitForNextTickAsync(context.CancellationToken).ConfigureAwait(false));
    }

    private Status StatusOf(string service)
    {
        if (service.Length > 0 && service != TikrMethods.ServiceName) return Status.ServiceUnknown;
        return readiness.Reasons().Count == 0 ? Status.Serving : Status.NotServing;
    }
}

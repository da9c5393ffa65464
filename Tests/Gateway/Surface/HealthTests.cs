using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.DependencyInjection;
using Tikr.Contracts;
using Tikr.Core.Delivery;
using Tikr.Tests.Gateway.Fakes;
using Status = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Tikr.Tests.Gateway.Surface;

public sealed class HealthTests
{
    [Theory]
    [InlineData("")]
    [InlineData("tikr.v1.Tikr")]
    public async Task Health_follows_readiness(string service)
    {
        await using var server = await GatewayServer.StartAsync();
        Assert.Equal(Status.Serving, await Check());
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode);

        server.Store.Memory.IngestBlockedReason = "storage.ticks.max_size_gb (1) is used up by ticks that no bar covers yet";

        Assert.Equal(Status.NotServing, await Check());
        using var ready = await server.Http.GetAsync("/readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("max_size_gb (1) is used up",
            await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/healthz", TestContext.Current.CancellationToken)).StatusCode);

        async Task<Status> Check() => (await new Health.HealthClient(server.Channel).CheckAsync(
            new HealthCheckRequest { Service = service }, cancellationToken: TestContext.Current.CancellationToken)).Status;
    }

    [Fact]
    public async Task A_server_that_recovers_says_so_and_refuses_calls_until_it_is_done()
    {
        var recovery = new HeldRecovery();
        await using var server = await GatewayServer.StartAsync(
            configure: services => services.AddSingleton<IRecovery>(recovery), until: recovery.Begun.Task);
        using var ready = await server.Http.GetAsync("/readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("recovering", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.Equal(StatusCode.Unavailable, await QueryAsync());
        Assert.Equal(StatusCode.Unavailable, await IngestAsync());

        recovery.Done.SetResult();
        await server.Started;
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(StatusCode.OK, await QueryAsync());
        Assert.Equal(StatusCode.OK, await IngestAsync());

        Task<StatusCode> QueryAsync() => StatusOfAsync(async () =>
        {
            using var call = server.Client.QueryBars(
                new BarQuery { Series = Market.Model.Name, EndNs = 1 }, cancellationToken: TestContext.Current.CancellationToken);
            await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        });

        Task<StatusCode> IngestAsync() => StatusOfAsync(async () =>
        {
            using var call = server.Client.IngestTicks(cancellationToken: TestContext.Current.CancellationToken);
            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync;
        });
    }

    private static async Task<StatusCode> StatusOfAsync(Func<Task> call)
    {
        try
        {
            await call();
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }

    private sealed class HeldRecovery : IRecovery
    {
        public bool HasOpenPairs => false;

        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource Done { get; } = new();

        public async Task<IReadOnlyList<RecoveredPair>> RecoverAsync(uint currentEpoch, CancellationToken cancellation = default)
        {
            Begun.TrySetResult();
            await Done.Task;
            return [];
        }

        public Task RecomputeAsync(IReadOnlyList<RecoveredPair> pairs, CancellationToken cancellation = default) => Task.CompletedTask;
    }

    [Fact]
    public async Task Health_of_a_service_that_is_not_here_is_not_found()
    {
        await using var server = await GatewayServer.StartAsync();
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Health.HealthClient(server.Channel).CheckAsync(
            new HealthCheckRequest { Service = "other.Service" }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.NotFound, error.StatusCode);
    }

    [Fact]
    public async Task A_watcher_hears_the_state_at_once()
    {
        await using var server = await GatewayServer.StartAsync();
        using var call = new Health.HealthClient(server.Channel)
            .Watch(new HealthCheckRequest(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(Status.Serving, call.ResponseStream.Current.Status);

        server.Store.Memory.IngestBlockedReason = "full";
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(Status.NotServing, call.ResponseStream.Current.Status);
    }
}

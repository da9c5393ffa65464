using Google.Protobuf.Reflection;
using Grpc.Reflection.V1Alpha;
using Tikr.Tests.Gateway.Fakes;

namespace Tikr.Tests.Gateway.Surface;

public sealed class ReflectionTests
{
    [Fact]
    public async Task Reflection_lists_the_services_and_describes_every_method()
    {
        await using var server = await GatewayServer.StartAsync();
        var client = new ServerReflection.ServerReflectionClient(server.Channel);
        using var call = client.ServerReflectionInfo(cancellationToken: TestContext.Current.CancellationToken);

        var services = (await Ask(new ServerReflectionRequest { ListServices = "" })).ListServicesResponse.Service.Select(
            service => service.Name);
        var file = (await Ask(
            new ServerReflectionRequest { FileContainingSymbol = "tikr.v1.Tikr" })).FileDescriptorResponse.FileDescriptorProto[0];

        Assert.Superset(new HashSet<string> { "tikr.v1.Tikr", "grpc.health.v1.Health" }, services.ToHashSet());
        Assert.Equal(
            ["IngestTicks", "QueryTicks", "QueryBars", "ListSeries", "GetInfo"],
            FileDescriptorProto.Parser.ParseFrom(file).Service.Single().Method.Select(method => method.Name));

        async Task<ServerReflectionResponse> Ask(ServerReflectionRequest request)
        {
            await call.RequestStream.WriteAsync(request, TestContext.Current.CancellationToken);
            Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
            return call.ResponseStream.Current;
        }
    }
}

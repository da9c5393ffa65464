using Grpc.Health.V1;
using Grpc.Reflection;
using GrpcService = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Tikr.Gateway.Grpc;

/// <summary>
/// Reflection of what the gateway serves, beside that of an application that has one. Services are named here: they are found by the base
/// class that the compiler generates, which ours has not.
/// </summary>
internal sealed class TikrReflection() : ReflectionServiceImpl(Services)
{
    /// <summary>The services that are told.</summary>
    internal static GrpcService[] Services { get; } =
        [Contracts.TikrReflection.Descriptor.FindTypeByName<GrpcService>("Tikr"), Health.Descriptor];
}

/// <summary>The same by the second version of the protocol.</summary>
internal sealed class TikrReflectionV1() : ReflectionV1ServiceImpl(TikrReflection.Services);

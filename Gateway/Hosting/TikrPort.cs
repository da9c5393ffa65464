using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Tikr.Gateway.Hosting;

/// <summary>What a listener is for.</summary>
internal enum TikrPort
{
    Grpc,
    Http,
    Metrics,
}

/// <summary>Marks connections with the listener they came in by, and endpoints with the listener they belong to.</summary>
internal sealed record TikrPortTag(TikrPort Port);

/// <summary>
/// Serves each endpoint on its own port only. Decided by the listener and not by the Host header, which proxies and
/// clients set freely. Where Tikr is hosted without its own listeners (no connection is tagged), every endpoint answers.
/// </summary>
internal sealed class TikrPortPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => -100;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        endpoints.Any(endpoint => endpoint.Metadata.GetMetadata<TikrPortTag>() is not null);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        if (httpContext.Features.Get<TikrPortTag>() is not { } listener) return Task.CompletedTask;
        for (var i = 0; i < candidates.Count; i++)
        {
            var wanted = candidates[i].Endpoint.Metadata.GetMetadata<TikrPortTag>();
            if (wanted is not null && wanted.Port != listener.Port) candidates.SetValidity(i, false);
        }

        return Task.CompletedTask;
    }
}

internal static class TikrPortConventions
{
    /// <summary>Serves the endpoints on one port only.</summary>
    public static TBuilder OnPort<TBuilder>(this TBuilder builder, TikrPort port)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new TikrPortTag(port));
}

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
        var listener = httpContext.Features.Get<TikrPortTag>();
        for (var i = 0; i < candidates.Count; i++)
        {
            if (TagOf(candidates, i) is { } wanted && listener is not null && wanted.Port != listener.Port)
                candidates.SetValidity(i, false);
        }

        for (var i = 0; i < candidates.Count; i++)
        {
            if (IsOfOtherSide(candidates, i, listener) && HasRival(candidates, i, listener)) candidates.SetValidity(i, false);
        }

        return Task.CompletedTask;
    }

    // Where the application has an endpoint of the same path, ours answers on our listeners and its own on the others.
    private static bool HasRival(CandidateSet candidates, int index, TikrPortTag? listener)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.IsValidCandidate(i) && candidates[i].Score == candidates[index].Score && !IsOfOtherSide(candidates, i, listener))
                return true;
        }

        return false;
    }

    private static bool IsOfOtherSide(CandidateSet candidates, int index, TikrPortTag? listener) =>
        (TagOf(candidates, index) is null) != (listener is null);

    private static TikrPortTag? TagOf(CandidateSet candidates, int index) =>
        candidates[index].Endpoint.Metadata.GetMetadata<TikrPortTag>();
}

internal static class TikrPortConventions
{
    /// <summary>Serves the endpoints on one port only.</summary>
    public static TBuilder OnPort<TBuilder>(this TBuilder builder, TikrPort port)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new TikrPortTag(port));
}

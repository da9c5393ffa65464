using YamlDotNet.Serialization;

namespace Tikr.Tests.Architecture.Deployment;

/// <summary>A compose file as YAML reads it: sections are dictionaries, lists are lists, everything else is text.</summary>
internal static class ComposeFile
{
    /// <summary>The file of the repository.</summary>
    public static string Folder { get; } = Path.Combine(SourceTree.Root, "compose");

    /// <summary>Its text.</summary>
    public static string Text { get; } = File.ReadAllText(Path.Combine(Folder, "compose.yaml"));

    /// <summary>The tree of a text.</summary>
    public static object? Parse(string text) => new DeserializerBuilder().Build().Deserialize<object?>(text);

    /// <summary>The services of the repository's file.</summary>
    public static IReadOnlyDictionary<string, IDictionary<object, object>> Services { get; } =
        ((IDictionary<object, object>)((IDictionary<object, object>)Parse(Text)!)["services"])
            .ToDictionary(service => (string)service.Key, service => (IDictionary<object, object>)service.Value);

    /// <summary>A variable of a service.</summary>
    public static string Environment(string service, string name) =>
        (string)((IDictionary<object, object>)Services[service]["environment"])[name];

    /// <summary>The texts of a list of a service.</summary>
    public static IEnumerable<string> List(string service, string key) =>
        Services[service].TryGetValue(key, out var list) ? ((IList<object>)list).Cast<string>() : [];
}

using Tikr.Core.Configuration;
using Tikr.Core.Configuration.Yaml;

namespace Tikr.Core.Specs;

/// <summary>Reads the names of a list of things and reports a name that was there before.</summary>
/// <param name="what">What is named, for messages.</param>
internal sealed class UniqueNames(string what)
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    public string Read(YamlSection section, string remedy)
    {
        var name = section.Required<string>("name", ValueReaders.Name, "", remedy);
        if (section.Find("name") is { } at && name.Length > 0 && !_lines.TryAdd(name, at.Line))
            section.Reject("name", ConfigMessages.NameTwice(what, _lines[name]));
        return name;
    }
}

using System.Globalization;
using System.Security;
using System.Text;

namespace Tikr.LoadGenerator.Charts;

/// <summary>A panel: its title, what stands to the right, and its lines.</summary>
internal sealed record Panel(string Title, string XTitle, IReadOnlyList<ChartLine> Lines);

/// <summary>Draws panels side by side as a picture of plain SVG.</summary>
internal static class Svg
{
    private const int Width = 420, Height = 260, Left = 60, Right = 24, Top = 34, Bottom = 66;

    private const string Font = "font-family=\"sans-serif\" font-size=\"11\"";
    private static readonly string[] Colours = ["#1f6feb", "#d1480b", "#2d8a4e", "#8250df", "#9a6700", "#57606a"];

    public static string Draw(IReadOnlyList<Panel> panels)
    {
        var svg = new StringBuilder();
        var width = Width * panels.Count;
        Add(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {Height}" width="{width}" height="{Height}" {Font}>""");
        Add(svg, $"""<rect width="100%" height="100%" fill="#ffffff"/>""");
        for (var i = 0; i < panels.Count; i++) Draw(svg, panels[i], i * Width);
        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static void Draw(StringBuilder svg, Panel panel, int at)
    {
        var points = panel.Lines.SelectMany(line => line.Points).ToList();
        Add(svg, $"""<text x="{at + Left}" y="20" font-size="13" font-weight="bold">{SecurityElement.Escape(panel.Title)}</text>""");
        if (points.Count == 0) return;
        var (right, up) = (new Axis([.. points.Select(point => point.X)], true), new Axis([.. points.Select(point => point.Y)], false));
        foreach (var mark in up.Marks)
        {
            Add(svg, $"""<line x1="{at + Left}" x2="{at + Width - Right}" y1="{Y(mark):0.#}" y2="{Y(mark):0.#}" stroke="#d0d7de"/>""");
            Add(svg, $"""<text x="{at + Left - 6}" y="{Y(mark) + 4:0.#}" text-anchor="end">{Axis.Text(mark)}</text>""");
        }

        foreach (var mark in right.Marks)
            Add(svg, $"""<text x="{X(mark):0.#}" y="{Height - Bottom + 16}" text-anchor="middle">{Axis.Text(mark)}</text>""");
        var (middle, title) = (at + ((Left + Width - Right) / 2), SecurityElement.Escape(panel.XTitle));
        Add(svg, $"""<text x="{middle}" y="{Height - Bottom + 32}" text-anchor="middle">{title}</text>""");
        for (var i = 0; i < panel.Lines.Count; i++)
        {
            var (line, colour) = (panel.Lines[i], Colours[i % Colours.Length]);
            var path = string.Join(' ',
                line.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.X):0.#},{Y(point.Y):0.#}")));
            Add(svg, $"""<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>""");
            foreach (var (x, y) in line.Points)
            {
                var text = $"{Axis.Text(x)}: {Axis.Text(y)}";
                Add(svg, $"""<circle cx="{X(x):0.#}" cy="{Y(y):0.#}" r="3" fill="{colour}"><title>{text}</title></circle>""");
            }

            var legend = at + Left + (i * (Width - Left - Right) / Math.Max(3, panel.Lines.Count));
            Add(svg, $"""<text x="{legend}" y="{Height - 10}" fill="{colour}">{SecurityElement.Escape(line.Name)}</text>""");
        }

        double X(double value) => at + Left + (right.PlaceOf(value) * (Width - Left - Right));
        double Y(double value) => Height - Bottom - (up.PlaceOf(value) * (Height - Top - Bottom));
    }

    private static void Add(StringBuilder svg, FormattableString text) =>
        svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}

namespace Hearth.Cli.Tests;

public sealed class TextTableTests
{
    [Fact]
    public void Render_AlignsColumnsWithTwoSpaces()
    {
        TextTable table = new("NAME", "SIZE");
        table.Add("a", "1.0 kB");
        table.Add("longer", "2 B");

        Assert.Equal("NAME    SIZE\na       1.0 kB\nlonger  2 B\n", table.Render(columns: null));
    }

    [Fact]
    public void Render_KeepsControlCharactersOut()
    {
        TextTable table = new("NAME", "SIZE");
        table.Add("a\e[31m\nb", "1");

        Assert.Equal("NAME      SIZE\na [31m b  1\n", table.Render(columns: null));
    }

    [Theory]
    [InlineData(29, "NAME                    SIZE", "a-name-of-thirty-char…  12 kB")]
    [InlineData(1, "NAME          SIZE", "a-name-of-t…  12 kB")]
    public void Render_InANarrowTerminal_CutsWhatMayBeCut(int columns, string header, string row)
    {
        TextTable table = new("NAME", "SIZE");
        table.Add("a-name-of-thirty-characters-ok", "12 kB");

        string[] lines = table.Render(columns).Split('\n');

        Assert.Equal([header, row, string.Empty], lines);
    }
}

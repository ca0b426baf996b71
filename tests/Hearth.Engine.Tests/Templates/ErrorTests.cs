using Hearth.Engine.Templates;

namespace Hearth.Engine.Tests.Templates;

/// <summary>What fails, and with which words: those of Python and Jinja2 3.1.</summary>
public sealed class ErrorTests
{
    public static TheoryData<string, TemplateErrorKind, string> Failures => new()
    {
        { "{{ users|map(attribute='tags.0')|list }}", TemplateErrorKind.Undefined, "'dict object' has no attribute 'tags'" },
        { "{{ d.q.r }}", TemplateErrorKind.Undefined, "'dict object' has no attribute 'q'" },
        { "{{ d['q']['r'] }}", TemplateErrorKind.Undefined, "'dict object' has no attribute 'q'" },
        { "{{ q.r }}", TemplateErrorKind.Undefined, "'q' is undefined" },
        { "{{ q + 'a' }}", TemplateErrorKind.Undefined, "'q' is undefined" },
        { "{{ q|tojson }}", TemplateErrorKind.Type, "Object of type Undefined is not JSON serializable" },
        { "{{ [q]|tojson }}", TemplateErrorKind.Type, "Object of type Undefined is not JSON serializable" },
        { "{{ 1/0 }}", TemplateErrorKind.Value, "division by zero" },
        { "{{ 1 < 'a' }}", TemplateErrorKind.Type, "'<' not supported between instances of 'int' and 'str'" },
        { "{{ none < 1 }}", TemplateErrorKind.Type, "'<' not supported between instances of 'NoneType' and 'int'" },
        { "{{ 1 in s }}", TemplateErrorKind.Type, "'in <string>' requires string as left operand, not int" },
        { "{{ 1 in none }}", TemplateErrorKind.Type, "argument of type 'NoneType' is not iterable" },
        { "{{ 'a'+1 }}", TemplateErrorKind.Type, "can only concatenate str (not \"int\") to str" },
        { "{{ 1+'a' }}", TemplateErrorKind.Type, "unsupported operand type(s) for +: 'int' and 'str'" },
        { "{{ [1]+'a' }}", TemplateErrorKind.Type, "can only concatenate list (not \"str\") to list" },
        { "{{ [1]+(1,) }}", TemplateErrorKind.Type, "can only concatenate list (not \"tuple\") to list" },
        { "{{ s.split('') }}", TemplateErrorKind.Value, "empty separator" },
        { "{{ s.index('zz') }}", TemplateErrorKind.Value, "substring not found" },
        { "{{ ','.join(l) }}", TemplateErrorKind.Type, "sequence item 0: expected str instance, int found" },
        { "{{ '%s'|format('a','b') }}", TemplateErrorKind.Type, "not all arguments converted during string formatting" },
        { "{{ '%s %s'|format('a') }}", TemplateErrorKind.Type, "not enough arguments for format string" },
        { "{{ '%d'%'a' }}", TemplateErrorKind.Type, "%d format: a real number is required, not str" },
        { "{{ '{:d}'.format('a') }}", TemplateErrorKind.Value, "Unknown format code 'd' for object of type 'str'" },
        { "{{ 'a'|abs }}", TemplateErrorKind.Type, "bad operand type for abs(): 'str'" },
        { "{{ {(1,2):3}|tojson }}", TemplateErrorKind.Type, "keys must be str, int, float, bool or None, not tuple" },
        { "{{ range(3)|tojson }}", TemplateErrorKind.Type, "Object of type range is not JSON serializable" },
        { "{{ d.items()|tojson }}", TemplateErrorKind.Type, "Object of type dict_items is not JSON serializable" },
        { "{{ ls|map('upper')|tojson }}", TemplateErrorKind.Type, "Object of type generator is not JSON serializable" },
        { "{{ range(1000000) }}", TemplateErrorKind.Budget, "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000)." },
        { "{{ n is zzz }}", TemplateErrorKind.Syntax, "No test named 'zzz'." },
        { "{{ n|zzz }}", TemplateErrorKind.Syntax, "No filter named 'zzz'." },
        { "{{ s.nope() }}", TemplateErrorKind.Undefined, "'str object' has no attribute 'nope'" },
        { "{{ n() }}", TemplateErrorKind.Type, "'int' object is not callable" },
        { "{{ l['a':] }}", TemplateErrorKind.Type, "slice indices must be integers or None or have an __index__ method" },
        { "{{ l.index(9) }}", TemplateErrorKind.Value, "9 is not in list" },
        { "{{ s.__class__.x }}", TemplateErrorKind.Security, "access to attribute '__class__' of 'str' object is unsafe." },
        { "{{ ''.__len__() }}", TemplateErrorKind.Security, "access to attribute '__len__' of 'str' object is unsafe." },
        { "{{ n|length }}", TemplateErrorKind.Type, "object of type 'int' has no len()" },
        { "{{ none|length }}", TemplateErrorKind.Type, "object of type 'NoneType' has no len()" },
        { "{{ (ls|map('upper'))|length }}", TemplateErrorKind.Type, "object of type 'generator' has no len()" },
        { "{{ ls|map('upper')|last }}", TemplateErrorKind.Type, "'generator' object is not reversible" },
        { "{{ raise_exception('boom') }}", TemplateErrorKind.Raised, "boom" },
        { "{{ 1 if 1 else }}", TemplateErrorKind.Syntax, "unexpected 'end of print statement'" },
        { "{{ (1 }}", TemplateErrorKind.Syntax, "unexpected '}', expected ')'" },
        { "{{ 1) }}", TemplateErrorKind.Syntax, "unexpected ')'" },
        { "{{ {'a':1 }}", TemplateErrorKind.Syntax, "unexpected '}'" },
        { "{{ [1,2 }}", TemplateErrorKind.Syntax, "unexpected '}', expected ']'" },
        { "{{ a b }}", TemplateErrorKind.Syntax, "expected token 'end of print statement', got 'b'" },
        { "{{ 1 + }}", TemplateErrorKind.Syntax, "unexpected 'end of print statement'" },
        { "{{ foo. }}", TemplateErrorKind.Syntax, "expected name or number" },
        { "{{ {{}} }}", TemplateErrorKind.Syntax, "expected token ':', got '}'" },
        { "{{ x is }}", TemplateErrorKind.Syntax, "expected token 'name', got 'end of print statement'" },
        { "{{ 'a' is not }}", TemplateErrorKind.Syntax, "expected token 'name', got 'end of print statement'" },
        { "{{ ** }}", TemplateErrorKind.Syntax, "unexpected '**'" },
        { "{{ loop.index }}", TemplateErrorKind.Undefined, "'loop' is undefined" },
        { "{{ caller() }}", TemplateErrorKind.Undefined, "'caller' is undefined" },
        { "{{ {'a':1,**d} }}", TemplateErrorKind.Syntax, "unexpected '**'" },
        { "{{ [*l] }}", TemplateErrorKind.Syntax, "unexpected '*'" },
        { "{{ 1 ~ 2 + 3 }}", TemplateErrorKind.Type, "can only concatenate str (not \"int\") to str" },
        { "{{ 1 + 2 ~ 3 }}", TemplateErrorKind.Type, "unsupported operand type(s) for +: 'int' and 'str'" },
        { "{{ none|list }}", TemplateErrorKind.Type, "'NoneType' object is not iterable" },
        { "{{ n|list }}", TemplateErrorKind.Type, "'int' object is not iterable" },
        { "{{ 5|first }}", TemplateErrorKind.Type, "'int' object is not iterable" },
        { "{{ ['a','b']|sum }}", TemplateErrorKind.Type, "unsupported operand type(s) for +: 'int' and 'str'" },
        { "{{ [3,'a']|sort }}", TemplateErrorKind.Type, "'<' not supported between instances of 'str' and 'int'" },
        { "{{ [none,1]|sort }}", TemplateErrorKind.Type, "'<' not supported between instances of 'int' and 'NoneType'" },
        { "{{ [[1],[1]]|unique|list }}", TemplateErrorKind.Type, "unhashable type: 'list'" },
        { "{{ {[1]:2} }}", TemplateErrorKind.Type, "unhashable type: 'list'" },
        { "{{ [1] in d }}", TemplateErrorKind.Type, "unhashable type: 'list'" },
        { "{{ ls|lipsum }}", TemplateErrorKind.Syntax, "No filter named 'lipsum'." },
        { "{{ cycler() }}", TemplateErrorKind.Value, "at least one item has to be provided" },
        { "{{ 'a' < 1 }}", TemplateErrorKind.Type, "'<' not supported between instances of 'str' and 'int'" },
        { "{{ 1 if }}", TemplateErrorKind.Syntax, "unexpected 'end of print statement'" },
        { "{{ 'a' * 2.0 }}", TemplateErrorKind.Type, "can't multiply sequence by non-int of type 'float'" },
        { "{{ 'abc' - 'a' }}", TemplateErrorKind.Type, "unsupported operand type(s) for -: 'str' and 'str'" },
        { "{{ -'a' }}", TemplateErrorKind.Type, "bad operand type for unary -: 'str'" },
        { "{{ +'a' }}", TemplateErrorKind.Type, "bad operand type for unary +: 'str'" },
        { "{{ none + 1 }}", TemplateErrorKind.Type, "unsupported operand type(s) for +: 'NoneType' and 'int'" },
        { "{{ d + d }}", TemplateErrorKind.Type, "unsupported operand type(s) for +: 'dict' and 'dict'" },
        { "{{ l - l }}", TemplateErrorKind.Type, "unsupported operand type(s) for -: 'list' and 'list'" },
        { "{{ '%d' % q }}", TemplateErrorKind.Undefined, "'q' is undefined" },
        { "{{ s % 1 }}", TemplateErrorKind.Type, "not all arguments converted during string formatting" },
        { "{{ '%' % 1 }}", TemplateErrorKind.Value, "incomplete format" },
        { "{{ '{!x}'.format(1) }}", TemplateErrorKind.Value, "Unknown conversion specifier x" },
        { "{{ '{:d}'.format(1.5) }}", TemplateErrorKind.Value, "Unknown format code 'd' for object of type 'float'" },
        { "{% for a, b in [1] %}{{ a }}{% endfor %}", TemplateErrorKind.Type, "cannot unpack non-iterable int object" },
        { "{% for a, b in [(1,2,3)] %}{{ a }}{% endfor %}", TemplateErrorKind.Value, "too many values to unpack (expected 2)" },
        {
            "{% for x in l %}{{ loop(x) }}{% endfor %}",
            TemplateErrorKind.Type,
            "The loop must have the 'recursive' marker to be called recursively."
        },
        { "{% for x in n %}a{% endfor %}", TemplateErrorKind.Type, "'int' object is not iterable" },
        { "{% for x in z %}a{% endfor %}", TemplateErrorKind.Type, "'NoneType' object is not iterable" },
        { "{% set d.x = 1 %}", TemplateErrorKind.Type, "cannot assign attribute on non-namespace object" },
        { "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", TemplateErrorKind.Type, "macro 'm' takes not more than 1 argument(s)" },
        { "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(x=2) }}", TemplateErrorKind.Type, "macro 'm' takes no keyword argument 'x'" },
        { "{% macro m() %}<{{ caller() }}>{% endmacro %}{{ m() }}", TemplateErrorKind.Undefined, "No caller defined" },
        { "{% if %}x{% endif %}", TemplateErrorKind.Syntax, "Expected an expression, got 'end of statement block'" },
        { "{% endif %}", TemplateErrorKind.Syntax, "Encountered unknown tag 'endif'." },
        { "{% foo %}", TemplateErrorKind.Syntax, "Encountered unknown tag 'foo'." },
        { "{{ x", TemplateErrorKind.Syntax, "unexpected end of template, expected 'end of print statement'." },
        { "{% x", TemplateErrorKind.Syntax, "Encountered unknown tag 'x'." },
        { "{# x", TemplateErrorKind.Syntax, "Missing end of comment tag" },
        { "{% raw %} x", TemplateErrorKind.Syntax, "Missing end of raw directive" },
        { "{% do x %}", TemplateErrorKind.Syntax, "Encountered unknown tag 'do'." },
        {
            "{% set x = {'a':1} %}{% for k in x %}{% set _ = x.update({k ~ 'x': 1}) %}{% endfor %}",
            TemplateErrorKind.Value,
            "dictionary changed size during iteration"
        },
        { "line1\nline2 {{ 1 / 0 }}", TemplateErrorKind.Value, "division by zero" },
        { "{% for loop in l %}{% endfor %}", TemplateErrorKind.Syntax, "Can't assign to special loop variable in for-loop target" },
        { "{% set a.b.c = 1 %}", TemplateErrorKind.Syntax, "expected token 'end of statement block', got '.'" },
        { "{% set a[0] = 1 %}", TemplateErrorKind.Syntax, "expected token 'end of statement block', got '['" },
        {
            "{% set x = (1 if false) %}{{ x.y }}",
            TemplateErrorKind.Undefined,
            "the inline if-expression on line 1 evaluated to false and no else section was defined."
        },
        { "{{ users | map(attribute='nope.x') | list }}", TemplateErrorKind.Undefined, "'dict object' has no attribute 'nope'" },
        { "{% for x in l if x != loop.index %}{{ x }}{% endfor %}", TemplateErrorKind.Undefined, "'loop' is undefined" },
        { "{% macro a(x, x2=1, y) %}{% endmacro %}", TemplateErrorKind.Syntax, "non-default argument follows default argument" },
        { "{% call foo %}x{% endcall %}", TemplateErrorKind.Syntax, "expected call" },
        { "{{ foo(1)(2) }}", TemplateErrorKind.Undefined, "'foo' is undefined" },
        { "{{ 'x' if users[5] else 'y' }}{{ users[5].name }}", TemplateErrorKind.Undefined, "list object has no element 5" },
        { "{{ 'a'~1+2 }}", TemplateErrorKind.Type, "can only concatenate str (not \"int\") to str" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failure_has_the_words_of_Jinja2(string source, TemplateErrorKind kind, string detail)
    {
        var exception = Assert.Throws<TemplateException>(() => Jinja.Render(source));
        Assert.Equal(detail, exception.Detail);
        Assert.Equal(kind, exception.Kind);
        Assert.NotNull(exception.Line);
    }

    [Theory]
    [InlineData("a\nb\n{{ 1 / 0 }}", 3)]
    [InlineData("a\n{% if true %}\n{{ x.y }}{% endif %}", 3)]
    [InlineData("{# a\nb #}\n{{ 'a\nb' }}\n{{ x.y }}", 5)]
    [InlineData("{% raw %}\n\n{% endraw %}\n{% foo %}", 4)]
    [InlineData("a\r\nb\r\n{{ ( }}", 3)]
    [InlineData("a {%- if true -%}\n\n\n{{ x + 1 }}{% endif %}", 4)]
    [InlineData("{% macro m() %}\n{{ x.y }}\n{% endmacro %}\n{{ m() }}", 2)]
    public void Failure_names_the_line(string source, int line)
    {
        var exception = Assert.Throws<TemplateException>(() => Jinja.Render(source));
        Assert.Equal(line, exception.Line);
        Assert.StartsWith($"Chat template, line {line}: ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("include")]
    [InlineData("import")]
    [InlineData("from")]
    [InlineData("extends")]
    public void Statement_that_needs_other_files_is_refused_by_name(string tag)
    {
        var exception = Assert.Throws<TemplateException>(() => Jinja.Render($"{{% {tag} 'x' %}}"));
        Assert.Equal(TemplateErrorKind.Syntax, exception.Kind);
        Assert.Contains($"'{tag}'", exception.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Exception_of_the_template_keeps_its_words()
    {
        var exception = Assert.Throws<TemplateException>(() => Jinja.Render("{{ raise_exception('Only user and assistant roles!') }}"));
        Assert.Equal(TemplateErrorKind.Raised, exception.Kind);
        Assert.Equal("Only user and assistant roles!", exception.Detail);
    }

    [Theory]
    [InlineData("{{ s.__class__.x }}")]
    [InlineData("{{ l.__len__() }}")]
    [InlineData("{{ '{0.__class__.x}'.format(s) }}")]
    public void Hidden_attribute_is_refused(string source) =>
        Assert.Equal(TemplateErrorKind.Security, Assert.Throws<TemplateException>(() => Jinja.Render(source)).Kind);
}

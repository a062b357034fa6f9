namespace Dapr.Workflow.Abstractions.Attributes;

/// <summary>Marks a class as an activity. Nothing reads it: the name of a registration is that given to it, or the class's.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class WorkflowActivityAttribute : Attribute
{
    public WorkflowActivityAttribute()
    {
    }

    public WorkflowActivityAttribute(string name) => Name = name;

    public string? Name { get; }
}

//! What `derive(Module)` writes.

use gradus_nn::{Buffer, Module, Param, Tensor};

fn param() -> Param {
    Param::new(Tensor::new([1.0, 2.0]))
}

fn names(model: &impl Module) -> Vec<String> {
    model.named_parameters().into_iter().map(|(name, _)| name).collect()
}

fn names_mut(model: &mut impl Module) -> Vec<String> {
    model.named_parameters_mut().into_iter().map(|(name, _)| name).collect()
}

#[derive(Debug)]
struct Opaque;

#[derive(Module)]
struct Named {
    weight: Param,
    r#type: Param,
    #[module(rename = "fc")]
    hidden: Param,
    #[module(skip)]
    opaque: Opaque,
    running: Buffer,
}

#[test]
fn fields_are_visited_in_order_under_their_names() {
    let mut model = Named {
        weight: param(),
        r#type: param(),
        hidden: param(),
        opaque: Opaque,
        running: Buffer::new(Tensor::new([0.0])),
    };
    assert_eq!(names(&model), ["weight", "type", "fc"]);
    assert_eq!(names_mut(&mut model), ["weight", "type", "fc"]);
    assert_eq!(model.named_buffers()[0].0, "running");
    assert_eq!(format!("{:?}", model.opaque), "Opaque");
}

#[derive(Module)]
struct Tuple(Param, #[module(skip)] Opaque, #[module(rename = "last")] Param);

#[derive(Module)]
struct Unit;

#[test]
fn tuple_fields_are_visited_under_their_index() {
    let mut model = Tuple(param(), Opaque, param());
    assert_eq!(names(&model), ["0", "last"]);
    assert_eq!(names_mut(&mut model), ["0", "last"]);
    assert_eq!(format!("{:?}", model.1), "Opaque");
    assert!(names(&Unit).is_empty());
}

#[derive(Module)]
struct Generic<'a, A: Clone, B, C, const N: usize>
where
    B: Default,
{
    list: Vec<A>,
    array: [B; N],
    #[module(skip)]
    other: &'a C,
}

#[test]
fn type_parameters_are_bound_where_they_are_visited() {
    let other = Opaque; // no module, and need not be one
    let mut model = Generic { list: vec![Some(param())], array: [(), ()], other: &other };
    assert_eq!(names(&model), ["list.0"]);
    assert_eq!(names_mut(&mut model), ["list.0"]);
    assert_eq!(format!("{:?}", model.other), "Opaque");
}

#[derive(Module)]
enum Choice {
    Nothing,
    One(Param),
    Two {
        left: Param,
        #[module(rename = "r")]
        right: Box<Choice>,
    },
}

#[test]
fn the_variant_at_hand_is_visited_without_its_name() {
    let mut model = Choice::Two {
        left: param(),
        right: Box::new(Choice::Two { left: param(), right: Box::new(Choice::One(param())) }),
    };
    assert_eq!(names(&model), ["left", "r.left", "r.r.0"]);
    assert_eq!(names_mut(&mut model), ["left", "r.left", "r.r.0"]);
    assert!(names(&Choice::Nothing).is_empty());
}

#[derive(Module)]
enum Never {}

#[test]
fn an_enum_without_variants_is_a_module() {
    assert!(names(&None::<Never>).is_empty());
}

#[test]
fn state_goes_through_nested_modules() {
    #[derive(Module)]
    struct Outer {
        inner: Tuple,
        bias: Option<Param>,
    }
    let mut model = Outer { inner: Tuple(param(), Opaque, param()), bias: None };
    let mut state = model.state_dict();
    assert_eq!(state.keys().collect::<Vec<_>>(), ["inner.0", "inner.last"]);
    state.insert("inner.last".to_owned(), Tensor::new([5.0, 6.0]));
    model.load_state_dict(&state).unwrap();
    assert_eq!(model.inner.2.value().to_vec::<f32>().unwrap(), [5.0, 6.0]);
    assert!(model.bias.is_none());
}

"""Cards that are right and look odd: nothing is to be said of any of them."""

from stages.core.frozen import FrozenMap
from stages.records.card import Card
from stages.records.meaning import GAP, Meaning
from stages.records.vocabulary_card import card_of


def _card(
    language: str,
    word: str,
    context: str,
    definition: str,
    sentence: str,
    *,
    article: str = "",
    note: str = "",
) -> Card:
    """Give a card of a sentence in which what the gap hides stands in square brackets."""
    pieces = [piece.split("]") for piece in f"]{sentence}".split("[")]
    example = "".join("".join(piece) for piece in pieces)
    gapped = GAP.join(piece[-1] for piece in pieces)
    return card_of(
        Meaning(
            word=word,
            id=f"sense_{abs(hash_of(sentence))}",
            context=context,
            definition=definition,
            example=example,
            gapped=gapped,
            ipa="[a]",
            article=article,
            note=note,
            language=language,
        )
    )


def hash_of(text: str) -> int:
    """Give a number that is the same in every run."""
    return sum(place * ord(letter) for place, letter in enumerate(text, 1))


def _made(cards: tuple[Card, ...]) -> FrozenMap[str, Card]:
    return FrozenMap({f"{one.language} {one.word}: {one.example}": one for one in cards})


UNUSUAL = _made(
    (
        # words of one letter, and small ones that a sentence has twice
        _card("es-419", "a", "dirección", "indica hacia dónde va alguien", "Vamos [a] la playa."),
        _card("es-419", "y", "unión", "une dos cosas o ideas", "Compré leche [y] pan."),
        _card("es-419", "o", "alternativa", "une dos cosas de las que se elige una", "¿Té [o] café?"),
        _card(
            "es-419", "de", "posesión", "indica a quién pertenece una cosa o de qué está hecha",
            "El libro [de] Ana es de papel.",
        ),
        _card("es-419", "ni", "negación doble", "une dos cosas que se niegan", "No quiero [ni] té [ni] pan."),
        _card("en", "I", "speaker", "the person who is speaking now", "My friend and [I] live here."),
        _card("pt-BR", "é", "estado", "tem certa qualidade", "O céu [é] azul."),
        # reflexives and clitics
        _card("es-419", "levantarse", "por la mañana", "salir de la cama", "[Me levanto] a las seis."),
        _card("es-419", "irse", "partida", "dejar un lugar", "Mañana [nos vamos] temprano."),
        _card("es-419", "decir", "habla", "usar palabras para que otros sepan algo", "[Dímelo] al oído."),
        _card("es-419", "dar", "entrega", "poner algo en las manos de otro", "Quiero [dárselo] a mi hermana."),
        _card("es-419", "darse cuenta", "percepción", "notar lo que pasa", "Ella [se dio cuenta] del error."),
        # forms of other stems
        _card("es-419", "ser", "profesión", "tener cierto oficio", "[Soy] médico en un pueblo."),
        _card("es-419", "ir", "movimiento", "moverse hacia un lugar", "Ayer [fui] al mercado."),
        _card("es-419", "oler", "olfato", "percibir con la nariz", "La sopa [huele] muy bien."),
        _card("es-419", "caber", "espacio", "tener sitio dentro de algo", "Yo ya no [quepo] en el carro."),
        _card("en", "go", "movement", "to move to another place", "Yesterday we [went] home early."),
        _card("fr", "aller", "mouvement", "se rendre quelque part", "Demain nous [irons] au marché."),
        _card("de", "sein", "Eigenschaft", "sich in einem Zustand befinden", "Gestern [warst] du müde."),
        _card("it", "essere", "qualità", "avere una certa qualità", "Ieri [eravamo] molto stanchi."),
        # questions, calls, quotations
        _card("es-419", "qué", "pregunta", "sirve para preguntar por una cosa", "¿[Qué] haces aquí?"),
        _card("es-419", "dónde", "pregunta", "sirve para preguntar por un lugar", "Ana, ¿[dónde] vives?"),
        _card("es-419", "ay", "dolor", "grito de quien siente dolor", "¡[Ay], me quemé la mano!"),
        _card("es-419", "gracias", "cortesía", "palabra con la que uno agradece", "Ella dijo: «[Gracias] por todo»."),
        _card("es-419", "no", "negación", "indica que algo es falso", "¿De verdad [no] vienes?!"),
        # accents tell words apart
        _card("es-419", "papá", "familia", "hombre que tiene hijos", "Mi [papá] cocina los domingos.", article="el"),
        _card("es-419", "té", "bebida", "bebida caliente de hojas que te calienta", "Tomo [té] con limón.", article="el"),
        _card("es-419", "sólo", "límite", "nada más que eso", "Tengo [sólo] dos monedas."),
        _card("es-419", "él", "persona", "el hombre del que se habla", "Vine con [él] en tren."),
        # what merely begins alike
        _card("es-419", "mano", "cuerpo", "parte del brazo con la que se toma un manojo", "Dame la [mano].", article="la"),
        _card("es-419", "puerto", "costa", "lugar por donde entran los barcos, como una puerta", "El barco llegó al [puerto].", article="el"),
        _card("es-419", "nadar", "agua", "moverse en el agua sin tocar nada del fondo", "Los peces [nadan] en el río."),
        _card("es-419", "casa", "vivienda", "edificio donde vive quien se casará", "Mi [casa] es azul.", article="la"),
        _card("es-419", "estar", "situación", "tener por un tiempo ciertos estados o cualidades", "[Estoy] cansado."),
        # capitals, abbreviations, numerals, hyphens
        _card("es-419", "EE. UU.", "país", "país al norte de México", "Mi tío vive en [EE. UU.] desde 1990.", article="los"),
        _card("es-419", "Navidad", "fiesta", "día en que se celebra el nacimiento de Jesús", "En [Navidad] cantamos.", article="la"),
        _card("es-419", "veintiuno", "número", "veinte más uno, en cifras 21", "Mi hermana tiene [veintiún] años."),
        _card("es-419", "franco-alemán", "origen", "de Francia y de Alemania a la vez", "Vi una película [franco-alemana]."),
        _card("es-419", "lunes", "semana", "primer día de la semana", "El [lunes] empieza el curso (a las 8:30).", article="el"),
        # plurals only, long sentences, emoji
        _card("es-419", "gafas", "vista", "dos vidrios que ayudan a ver", "No encuentro mis [gafas].", article="las"),
        _card(
            "es-419", "aunque", "concesión", "introduce una dificultad que no impide lo demás",
            "[Aunque] llovía desde la madrugada, los vecinos del barrio salieron con sus sombrillas, sus"
            " perros y hasta sus bicicletas, y caminaron juntos hasta la plaza, donde la banda ya tocaba.",
        ),
        _card(
            "es-419", "corazón", "cuerpo", "órgano que mueve la sangre", "Mi [corazón] late rápido.",
            article="el", note="También de cariño: «mi corazón» ❤️ 👩‍👩‍👧 👍🏽",
        ),
        # elided forms
        _card("fr", "l'eau", "boisson", "liquide clair que l'on boit", "Elle boit [l'eau] du lac."),
        _card("fr", "aimer", "sentiment", "trouver très agréable", "[J'aime] le pain chaud."),
        _card("fr", "ne … pas", "négation", "dit que c'est faux", "Je [ne] veux [pas] partir."),
        _card("fr", "quoi", "question", "sert à demander une chose", "À [quoi] penses-tu\u202f?"),
        _card("it", "un'amica", "persona", "donna a cui si vuole bene", "Ho [un'amica] a Roma."),
        # German nouns, their plurals, verbs that come apart
        _card("de", "Vater", "Familie", "Mann, der Kinder hat", "Die [Väter] warten vor der Schule.", article="der"),
        _card("de", "aufmachen", "Tür", "bewirken, dass man hineinsehen kann", "Er [macht] das Fenster [auf]."),
        _card("de", "zurückgeben", "Besitz", "dem wieder reichen, dem es gehört", "Sie [gibt] mir das Buch [zurück]."),
        _card("de", "bringen", "Transport", "an einen Ort tragen", "Er hat uns Brot [gebracht]."),
        # other writings
        _card("ja", "家", "住まい", "人が住む建物", "私の[家]は大きいです。"),
        _card("en", "pick up", "lifting", "to take from the ground", "Please [pick] the paper [up]."),
        _card("ru", "дом", "жильё", "здание, где живут люди", "Наш [дом] стоит у реки."),
    )
)  # fmt: skip
"""By language, word and sentence, so that a test says which one it was."""

//! Fixed everyday phrases, those that no grammar makes.

use super::Pair;

/// The phrases, short ones first.
pub(super) fn phrases() -> Vec<Pair> {
    let phrases = PHRASES.lines().filter_map(|line| line.split_once('|'));
    phrases
        .map(|(english, spanish)| (english.trim().into(), spanish.trim().into()))
        .collect()
}

const PHRASES: &str = "
Hello. | Hola.
Good morning. | Buenos días.
How are you? | ¿Cómo estás?
I am very well, thank you. | Estoy muy bien, gracias.
What is your name? | ¿Cómo te llamas?
My name is Ana. | Me llamo Ana.
Where are you from? | ¿De dónde eres?
Do you speak Spanish? | ¿Hablas español?
A little. | Un poco.
Nice to meet you. | Mucho gusto.
Good afternoon. | Buenas tardes.
Good night. | Buenas noches.
Goodbye. | Adiós.
See you tomorrow. | Hasta mañana.
See you later. | Hasta luego.
See you soon. | Hasta pronto.
See you tonight. | Hasta esta noche.
Yes. | Sí.
No. | No.
Yes, please. | Sí, por favor.
No, thank you. | No, gracias.
Thank you. | Gracias.
Thank you very much. | Muchas gracias.
Thank you for your help. | Gracias por tu ayuda.
Thank you for everything. | Gracias por todo.
You are welcome. | De nada.
Please. | Por favor.
Sorry. | Lo siento.
I am sorry. | Lo siento.
I am very sorry. | Lo siento mucho.
Excuse me. | Perdón.
Of course. | Claro.
Of course not. | Claro que no.
Very well. | Muy bien.
Perfect. | Perfecto.
Maybe. | Quizás.
Maybe tomorrow. | Quizás mañana.
Never. | Nunca.
Always. | Siempre.
Me too. | Yo también.
Me neither. | Yo tampoco.
And you? | ¿Y tú?
I do not know. | No lo sé.
I know. | Lo sé.
I do not understand. | No entiendo.
I do not understand anything. | No entiendo nada.
I understand everything. | Entiendo todo.
Do you understand? | ¿Entiendes?
I think so. | Creo que sí.
I do not think so. | Creo que no.
I hope so. | Espero que sí.
I hope not. | Espero que no.
I do not remember. | No me acuerdo.
It does not matter. | No importa.
It is not important. | No es importante.
It is very important. | Es muy importante.
It is true. | Es verdad.
It is not true. | No es verdad.
It is easy. | Es fácil.
It is very easy. | Es muy fácil.
It is difficult. | Es difícil.
It is not difficult. | No es difícil.
It is possible. | Es posible.
It is impossible. | Es imposible.
It is late. | Es tarde.
It is very late. | Es muy tarde.
It is early. | Es temprano.
It is very early. | Es muy temprano.
It is my fault. | Es culpa mía.
It is for you. | Es para ti.
This is for you. | Esto es para ti.
What is this? | ¿Qué es esto?
What is that? | ¿Qué es eso?
Who is it? | ¿Quién es?
Who are you? | ¿Quién eres?
Who is he? | ¿Quién es él?
Who is she? | ¿Quién es ella?
Why? | ¿Por qué?
Why not? | ¿Por qué no?
When? | ¿Cuándo?
Where? | ¿Dónde?
How? | ¿Cómo?
How much? | ¿Cuánto?
How much is it? | ¿Cuánto es?
What happened? | ¿Qué pasó?
What is happening? | ¿Qué pasa?
What do you want? | ¿Qué quieres?
What do you need? | ¿Qué necesitas?
What do you think? | ¿Qué piensas?
What are you doing? | ¿Qué estás haciendo?
What are you looking for? | ¿Qué buscas?
What does this word mean? | ¿Qué significa esta palabra?
What time is it? | ¿Qué hora es?
What day is it today? | ¿Qué día es hoy?
Where do you live? | ¿Dónde vives?
Where do you work? | ¿Dónde trabajas?
Where are you? | ¿Dónde estás?
Where are we? | ¿Dónde estamos?
Where are you going? | ¿Adónde vas?
When are you going to come? | ¿Cuándo vas a venir?
How old are you? | ¿Cuántos años tienes?
How is your family? | ¿Cómo está tu familia?
Can I help you? | ¿Puedo ayudarte?
Can you help me? | ¿Puedes ayudarme?
Can you help me, please? | ¿Puedes ayudarme, por favor?
Can you repeat that, please? | ¿Puedes repetirlo, por favor?
Can you speak more slowly, please? | ¿Puedes hablar más despacio, por favor?
Can I come in? | ¿Puedo entrar?
Can I ask you a question? | ¿Puedo hacerte una pregunta?
Can I pay by card? | ¿Puedo pagar con tarjeta?
Do you like it? | ¿Te gusta?
I like it. | Me gusta.
I like it a lot. | Me gusta mucho.
I do not like it. | No me gusta.
I love you. | Te quiero.
I love you very much. | Te quiero mucho.
I miss you. | Te echo de menos.
I need your help. | Necesito tu ayuda.
I need help. | Necesito ayuda.
I need a doctor. | Necesito un médico.
I have a question. | Tengo una pregunta.
I have a problem. | Tengo un problema.
I have an idea. | Tengo una idea.
I do not have time. | No tengo tiempo.
I do not have money. | No tengo dinero.
We do not have much time. | No tenemos mucho tiempo.
There is no problem. | No hay ningún problema.
There is no time. | No hay tiempo.
There is nobody here. | No hay nadie aquí.
Is there anybody here? | ¿Hay alguien aquí?
I am from Spain. | Soy de España.
I am on vacation. | Estoy de vacaciones.
I am at home. | Estoy en casa.
I am going home. | Voy a casa.
I am here. | Estoy aquí.
I am coming. | Ya voy.
I am in a hurry. | Tengo prisa.
I do not feel well. | No me siento bien.
I feel better. | Me siento mejor.
My head hurts. | Me duele la cabeza.
My back hurts. | Me duele la espalda.
My foot hurts. | Me duele el pie.
Does your head hurt? | ¿Te duele la cabeza?
Help! | ¡Socorro!
Be careful! | ¡Cuidado!
Good luck! | ¡Buena suerte!
Happy birthday! | ¡Feliz cumpleaños!
Merry Christmas! | ¡Feliz Navidad!
Happy New Year! | ¡Feliz Año Nuevo!
Congratulations! | ¡Felicidades!
Have a good trip! | ¡Buen viaje!
Enjoy your meal! | ¡Buen provecho!
Cheers! | ¡Salud!
What a pity! | ¡Qué pena!
What a surprise! | ¡Qué sorpresa!
How nice! | ¡Qué bien!
How strange! | ¡Qué raro!
What a beautiful house! | ¡Qué casa tan bonita!
What a beautiful day! | ¡Qué día tan bonito!
Come here. | Ven aquí.
Come with me. | Ven conmigo.
Come in, please. | Entra, por favor.
Wait a moment. | Espera un momento.
Wait a moment, please. | Espera un momento, por favor.
Wait here. | Espera aquí.
Sit down, please. | Siéntate, por favor.
Stand up. | Levántate.
Look at this. | Mira esto.
Listen to me. | Escúchame.
Tell me the truth. | Dime la verdad.
Tell me everything. | Cuéntame todo.
Help me, please. | Ayúdame, por favor.
Follow me. | Sígueme.
Call me tomorrow. | Llámame mañana.
Write to me soon. | Escríbeme pronto.
Leave me alone. | Déjame en paz.
Do not worry. | No te preocupes.
Do not be afraid. | No tengas miedo.
Do not forget it. | No lo olvides.
Do not say anything. | No digas nada.
Do not go. | No te vayas.
Let's go. | Vamos.
Let's go home. | Vamos a casa.
Let's eat. | Vamos a comer.
Let's begin. | Vamos a empezar.
Turn left. | Gira a la izquierda.
Turn right. | Gira a la derecha.
Go straight ahead. | Sigue todo recto.
It is on the left. | Está a la izquierda.
It is on the right. | Está a la derecha.
It is very far. | Está muy lejos.
It is very near. | Está muy cerca.
The bill, please. | La cuenta, por favor.
The menu, please. | La carta, por favor.
A table for two, please. | Una mesa para dos, por favor.
A ticket to Madrid, please. | Un billete para Madrid, por favor.
Is this seat free? | ¿Está libre este asiento?
Where is the bathroom? | ¿Dónde está el baño?
It is very expensive. | Es muy caro.
It is too expensive. | Es demasiado caro.
It is very cheap. | Es muy barato.
It is on the table. | Está sobre la mesa.
I was born in Spain. | Nací en España.
I live with my parents. | Vivo con mis padres.
I am learning Spanish. | Estoy aprendiendo español.
I speak a little Spanish. | Hablo un poco de español.
How do you say this in Spanish? | ¿Cómo se dice esto en español?
My phone does not work. | Mi teléfono no funciona.
I lost my keys. | Perdí mis llaves.
Everything is fine. | Todo está bien.
Nothing is impossible. | Nada es imposible.
You are right. | Tienes razón.
You speak Spanish very well. | Hablas español muy bien.
";
